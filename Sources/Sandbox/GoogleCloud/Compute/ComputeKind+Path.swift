extension ComputeKind {
    /// `projects/p/zones/z/disks`.
    func collection(_ call: GoogleCall) -> String { "\(call.scope)/\(collection)" }

    /// `projects/p/zones/z/disks/d`, by the parameter of the path.
    func path(_ call: GoogleCall, _ parameter: String? = nil) -> String {
        "\(collection(call))/\(call.parameter(parameter ?? self.parameter))"
    }
}
