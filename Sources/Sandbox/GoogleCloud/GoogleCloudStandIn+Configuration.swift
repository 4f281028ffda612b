package import Domain

extension GoogleCloudStandIn {
    /// What there is at the start, and how long things take.
    package struct Configuration: Sendable {
        package var project = "example-project"
        package var projectNumber = 123_456_789_012
        /// Zones by region.
        package var regions = [
            "europe-west3": ["europe-west3-a", "europe-west3-b", "europe-west3-c"],
            "us-central1": ["us-central1-a", "us-central1-b", "us-central1-c", "us-central1-f"],
        ]
        package var accounts: [Account] = []
        /// People who have signed in with `gcloud auth application-default login`.
        package var users: [User] = []
        package var federations: [Federation] = []
        /// The account of the machine that asks the metadata server; empty: it has none.
        package var metadataAccount = ""
        /// How long an access token lives.
        package var tokenLife: Duration = .seconds(3600)
        /// How long an operation is pending before it runs.
        package var pending: Duration = .milliseconds(200)
        /// How long operations of a type run: `insert`, `createSnapshot`, `CREATE_CLUSTER`.
        package var running: [String: Duration] = [
            "createSnapshot": .seconds(3), "CREATE_CLUSTER": .seconds(4), "DELETE_CLUSTER": .seconds(3),
            "CREATE_NODE_POOL": .seconds(2),
        ]
        /// How long all others run.
        package var runningOtherwise: Duration = .milliseconds(800)
        /// How long a change of records is pending.
        package var changePending: Duration = .seconds(1)
        /// How long a request id is remembered; Google says an hour at least.
        package var requestIDLife: Duration = .seconds(3600)
        /// Where a cluster answers and whose certificate to trust there, by its name; nil: an address where nobody is.
        package var cluster: @Sendable (_ name: String) async -> ClusterAccess? = { _ in nil }
        /// Zones of names: `example-com` to `example.com.`.
        package var managedZones = ["example-com": "example.com."]

        package init() {}
    }

    /// A service account.
    package struct Account: Sendable {
        /// `bot@example-project.iam.gserviceaccount.com`.
        package var email: String
        /// Public keys (PEM) by key id.
        package var keys: [String: String]
        /// IAM permissions; nil: all.
        package var permissions: Set<String>?
        /// Principals that may act in its name, by tokens of the credentials API.
        package var impersonators: Set<String>

        package init(
            email: String, keys: [String: String] = [:], permissions: Set<String>? = nil,
            impersonators: Set<String> = []
        ) {
            self.email = email
            self.keys = keys
            self.permissions = permissions
            self.impersonators = impersonators
        }
    }

    /// A person's consent, as `gcloud` keeps it.
    package struct User: Sendable {
        package var email: String
        package var clientID: String
        package var clientSecret: Secret
        package var refreshToken: Secret
        /// IAM permissions; nil: all.
        package var permissions: Set<String>?

        package init(
            email: String, clientID: String, clientSecret: Secret, refreshToken: Secret,
            permissions: Set<String>? = nil
        ) {
            self.email = email
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.refreshToken = refreshToken
            self.permissions = permissions
        }
    }

    /// A workload identity pool's provider, and the foreign tokens that it takes.
    package struct Federation: Sendable {
        /// `//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/pool/providers/provider`.
        package var audience: String
        /// Tokens that are taken, and who each is.
        package var subjects: [(token: Secret, principal: String)]
        /// IAM permissions of all of them; nil: all.
        package var permissions: Set<String>?

        package init(
            audience: String, subjects: [(token: Secret, principal: String)], permissions: Set<String>? = nil
        ) {
            self.audience = audience
            self.subjects = subjects
            self.permissions = permissions
        }
    }

    /// How a cluster is reached.
    package struct ClusterAccess: Sendable {
        /// As GKE says it: a host, and a port where it is not 443.
        package var endpoint: String
        /// The certificate (PEM); empty for none.
        package var caCertificate: String

        package init(endpoint: String, caCertificate: String) {
            self.endpoint = endpoint
            self.caCertificate = caCertificate
        }
    }
}
