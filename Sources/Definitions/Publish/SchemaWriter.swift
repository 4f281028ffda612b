package import Domain

/// Writes JSON Schemas (2020-12) of the kinds of definition file, for editors. They come from the very code that
/// reads the files.
package struct SchemaWriter: Sendable {
    let actions: ActionCatalogue
    let sections: [SettingsSection]

    package init(actions: ActionCatalogue, sections: [SettingsSection]) {
        self.actions = actions
        self.sections = sections
    }

    /// The schema of `commands/<name>.yaml`.
    package var command: JSONValue { document("command", "A Defimon command", DefinitionShapes.command) }

    /// The schema of `webhooks/<source>/<name>.yaml`.
    package var rule: JSONValue { document("rule", "A Defimon rule", DefinitionShapes.rule) }

    /// The schema of `schedules/<name>.yaml`.
    package var schedule: JSONValue { document("schedule", "A Defimon schedule", DefinitionShapes.schedule) }

    /// The schema of `defimon.yaml`.
    package var settings: JSONValue {
        document("settings", "Defimon's settings", DefinitionShapes.settings(sections))
    }

    private func document(_ name: String, _ title: String, _ shapes: [String: Shape]) -> JSONValue {
        var definitions: [String: JSONValue] = [:]
        for (key, shape) in shapes where key != name { definitions[key] = schema(of: shape) }
        for section in sections where name == "settings" { definitions[section.name] = schema(of: section) }
        var root = schema(of: shapes[name] ?? Shape(name: name, keys: [], others: nil)).objectValue ?? [:]
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        root["title"] = .string(title)
        if !definitions.isEmpty { root["$defs"] = .object(definitions) }
        return .object(root)
    }

    // MARK: Maps

    private func schema(of shape: Shape) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for key in shape.keys { properties[key.name] = schema(of: key) }
        var schema: [String: JSONValue] = [
            "type": "object", "properties": .object(properties),
            "additionalProperties": shape.others.map(schema(of:)) ?? false,
        ]
        let required = shape.keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        if shape.keys.contains(where: { $0.kind == .inputs }) { schema["allOf"] = .array(actions.names.map(inputs)) }
        return .object(schema)
    }

    private func schema(of key: Key) -> JSONValue {
        var help = key.help
        if let standard = key.defaultText { help += ". Default: \(standard)" }
        guard var members = schema(of: key.kind).objectValue else { return [:] }
        members["description"] = .string(help)
        return .object(members)
    }

    private func schema(of kind: KeyKind) -> JSONValue {
        switch kind {
        case .text(nil), .template, .pattern, .duration, .cron, .timeZone, .address: ["type": "string"]
        case .text(let form?): ["type": "string", "pattern": .string("^(?:\(form.text))$")]
        case .matcher: ["type": "string", "pattern": "(=|!=|=~|!~)"]
        case .place, .placeTemplate: ["type": "string", "pattern": "^[a-z]+:.+"]
        case .calledPlace: ["type": "string", "pattern": "^[a-z_]+:.+"]
        case .quantity: ["anyOf": [["type": "string"], ["type": "integer", "minimum": 0]]]
        case .integer(let range): integer(range)
        case .flag: ["type": "boolean"]
        case .choice(let choices): ["enum": .array(choices.map(JSONValue.string))]
        case .action: ["enum": .array(actions.names.map(JSONValue.string))]
        case .inputs: ["type": "object"]
        case .anything: [:]
        case .shape(let name): ["$ref": .string("#/$defs/\(name)")]
        case .list(let item): ["type": "array", "items": schema(of: item)]
        case .map(let value): ["type": "object", "additionalProperties": schema(of: value)]
        case .either(let kinds): ["anyOf": .array(kinds.map(schema(of:)))]
        }
    }

    private func integer(_ range: ClosedRange<Int>) -> JSONValue {
        var schema: [String: JSONValue] = ["type": "integer"]
        if range.lowerBound != .min { schema["minimum"] = .int(Int64(range.lowerBound)) }
        if range.upperBound != .max { schema["maximum"] = .int(Int64(range.upperBound)) }
        return .object(schema)
    }

    // MARK: Inputs

    /// The inputs of one action, where a step uses it.
    private func inputs(of action: String) -> JSONValue {
        guard let type = actions[action] else { return [:] }
        let fields = schema(of: type.inputs)
        return [
            "if": ["properties": ["uses": ["const": .string(action)]], "required": ["uses"]],
            "then": ["properties": ["with": fields]],
        ]
    }

    private func schema(of section: SettingsSection) -> JSONValue {
        var reader = InputReader.describing()
        section.read(&reader)
        return schema(of: reader.fields)
    }

    private func schema(of fields: [InputReader.Field]) -> JSONValue {
        // A map whose every name is the writer's own.
        if fields.count == 1, fields[0].name == "<name>" {
            return [
                "type": "object", "description": .string(fields[0].help),
                "additionalProperties": schema(of: fields[0].nested),
            ]
        }
        var properties: [String: JSONValue] = [:]
        for field in fields {
            var members = field.type.jsonSchema.objectValue ?? [:]
            if !field.nested.isEmpty {
                let nested = schema(of: field.nested)
                members =
                    field.isSection
                    ? nested.objectValue ?? [:] : ["type": "object", "additionalProperties": nested]
            }
            members["description"] = .string(field.help + (field.defaultText.map { ". Default: \($0)" } ?? ""))
            properties[field.name] = .object(members)
        }
        var schema: [String: JSONValue] = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
        ]
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema)
    }
}
