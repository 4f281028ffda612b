import Domain

/// Reads single values of definition files. Each throws a problem that says what would be right.
enum Convert {
    static func text(_ form: TextForm?, _ what: String) -> (LocatedValue) throws(Problem) -> String {
        { value throws(Problem) in
            guard let text = value.text else { throw wrong(value, what, KeyKind.text(form)) }
            guard !text.isEmpty, text.utf8.count <= ValueType.longestText else { throw wrong(value, what, .text(form)) }
            if let form, !form.matches(text) { throw wrong(value, what, .text(form)) }
            return text
        }
    }

    static func template(_ what: String) -> (LocatedValue) throws(Problem) -> String {
        { value throws(Problem) in
            let text = try Convert.text(nil, what)(value)
            do throws(Template.Invalid) { _ = try Template(parsing: text) } catch {
                throw Problem(error.reason, at: value.location)
            }
            return text
        }
    }

    static func duration(_ what: String, atLeast: Duration = .milliseconds(1)) -> (LocatedValue) throws(Problem) ->
        Duration
    {
        { value throws(Problem) in
            guard let text = value.text, let duration = DurationText.parse(text), duration >= atLeast else {
                throw wrong(value, what, .duration)
            }
            return duration
        }
    }

    /// A duration within bounds, which the problem names.
    static func duration(_ what: String, in bounds: ClosedRange<Duration>) -> (LocatedValue) throws(Problem) ->
        Duration
    {
        { value throws(Problem) in
            let duration = try Convert.duration(what)(value)
            if bounds.contains(duration) { return duration }
            let (least, most) = (DurationText.canonical(bounds.lowerBound), DurationText.canonical(bounds.upperBound))
            throw Problem(
                "\(what) must be from \(least) to \(most), and it is '\(value.text ?? "")'", at: value.location)
        }
    }

    static func quantity(_ what: String) -> (LocatedValue) throws(Problem) -> Quantity {
        { value throws(Problem) in
            switch value.content {
            case .string(let text):
                if let quantity = Quantity(text) { return quantity }
            case .int(let bytes) where bytes >= 0: return Quantity(bytes: bytes)
            default: break
            }
            throw wrong(value, what, .quantity)
        }
    }

    static func integer(_ what: String, in range: ClosedRange<Int>) -> (LocatedValue) throws(Problem) -> Int {
        { value throws(Problem) in
            guard case .int(let number) = value.content, let whole = Int(exactly: number), range.contains(whole) else {
                throw wrong(value, what, .integer(range))
            }
            return whole
        }
    }

    static func flag(_ what: String) -> (LocatedValue) throws(Problem) -> Bool {
        { value throws(Problem) in
            guard case .bool(let flag) = value.content else { throw wrong(value, what, .flag) }
            return flag
        }
    }

    static func choice(_ what: String, of choices: [String]) -> (LocatedValue) throws(Problem) -> String {
        { value throws(Problem) in
            guard let text = value.text, choices.contains(text) else {
                var problem = wrong(value, what, .choice(choices))
                if let nearest = NearestName.of(value.text ?? "", in: choices) {
                    problem.fix = "did you mean '\(nearest)'?"
                }
                throw problem
            }
            return text
        }
    }

    static func matcher(_ value: LocatedValue) throws(Problem) -> Matcher {
        guard let text = value.text else { throw wrong(value, "a condition", .matcher) }
        do { return try Matcher(parsing: text) } catch {
            throw Problem(error.reason, at: value.location, fix: error.fix)
        }
    }

    static func pattern(_ value: LocatedValue) throws(Problem) -> Pattern {
        guard let text = value.text else { throw wrong(value, "a pattern", .pattern) }
        do { return try Pattern(text) } catch {
            throw Problem(
                "the regular expression '\(text.prefix(80))' is not valid: \(error.reason)", at: value.location)
        }
    }

    static func place(_ value: LocatedValue) throws(Problem) -> Place {
        guard let text = value.text, let place = Place(text) else { throw wrong(value, "a place", .place) }
        guard Channels.places.contains(place.channel) else {
            throw Problem(
                "'\(place.channel)' is no channel", at: value.location,
                fix: NearestName.of(place.channel, in: Channels.places).map { "did you mean '\($0)'?" }
                    ?? "channels: \(Channels.places.joined(separator: ", "))")
        }
        return place
    }

    static func placeTemplate(_ value: LocatedValue) throws(Problem) -> PlaceTemplate {
        let place = try Convert.place(value)
        let address: Template
        do throws(Template.Invalid) { address = try Template(parsing: place.address) } catch {
            throw Problem(error.reason, at: value.location)
        }
        if address.isLiteral, let problem = PlaceTemplate.problem(with: place.address) {
            throw Problem("the place cannot be: \(problem)", at: value.location)
        }
        return PlaceTemplate(channel: place.channel, address: address)
    }

    /// A place, or a list of people on call.
    static func calledPlace(_ value: LocatedValue) throws(Problem) -> PlaceTemplate {
        guard let place = value.text.flatMap({ Place($0) }), place.channel == OnCallList.channel else {
            return try placeTemplate(value)
        }
        guard TextForm.command.matches(place.address) else {
            throw Problem("the name of a list of people on call must be \(TextForm.command.help)", at: value.location)
        }
        return PlaceTemplate(place)
    }

    static func address(_ what: String) -> (LocatedValue) throws(Problem) -> ListenAddress {
        { value throws(Problem) in
            guard let address = value.text.flatMap(ListenAddress.init) else { throw wrong(value, what, .address) }
            return address
        }
    }

    /// A value that does not fit its key.
    static func wrong(_ value: LocatedValue, _ what: String, _ wanted: KeyKind) -> Problem {
        let shown: String
        switch value.content {
        case .string(let text): shown = text.isEmpty ? "empty" : "'\(text.prefix(80))'"
        case .int, .double, .bool: shown = value.json.plainText
        case .null, .array, .object: shown = value.kindName
        }
        var fix: String?
        if case .text = wanted {
            switch value.content {
            case .int, .double, .bool: fix = "put it in quotes"
            default: break
            }
        }
        return Problem("\(what) must be \(wanted.requirement), and it is \(shown)", at: value.location, fix: fix)
    }
}
