extension Event {
    /// The event without any secret, but for the ids and addresses that the source itself gave: nothing that is made of
    /// it can then hold one.
    package func redacted(by redactor: Redactor) -> Event {
        var clean = self
        clean.contentKey = redactor.redact(contentKey)
        clean.subject = redactor.redact(subject)
        clean.attributes = redactor.redact(attributes)
        clean.topics = topics.map { redactor.redact($0) }
        switch origin {
        case .request(let request): clean.origin = .request(request.redacted(by: redactor))
        case .alert(var alert):
            alert.groupKey = redactor.redact(alert.groupKey)
            // Asked with one label less, the source speaks of more alerts; with a wrong value it would speak of none.
            if var group = alert.group {
                group.labels = group.labels.filter { label in
                    redactor.redact(label.key) == label.key && redactor.redact(label.value) == label.value
                }
                alert.group = group
            }
            clean.origin = .alert(alert)
        case .notice: break
        }
        return clean
    }
}

extension CommandRequest {
    /// The request without any secret in its words and its context.
    package func redacted(by redactor: Redactor) -> CommandRequest {
        var clean = self
        clean.text = redactor.redact(text)
        clean.context = context.mapValues { redactor.redact($0) }
        return clean
    }
}
