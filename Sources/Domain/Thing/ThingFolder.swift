/// The folder where files that list things stand, and how they are read.
package struct ThingFolder: Sendable {
    package typealias Contents = @Sendable (_ path: String, _ most: Int) throws(ActionError) -> [UInt8]
    package typealias Document = @Sendable (_ bytes: [UInt8], _ path: String) throws(ActionError) -> LocatedValue

    let contents: Contents
    private let read: Document

    /// `contents` gives a file's bytes, and refuses one that is larger or outside; `document` reads the one document that
    /// they are.
    package init(contents: @escaping Contents, document: @escaping Document) {
        self.contents = contents
        read = document
    }

    /// Throws `ActionError`.
    func document(_ path: String) throws(ActionError) -> LocatedValue {
        try read(try contents(path, ThingFile.largest), path)
    }
}
