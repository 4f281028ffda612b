import CZlib

/// Text that a compressor may take as known: what GitHub and Alertmanager say in every delivery, and what the ledger's
/// own JSON repeats. A stream that was made with it names it by its checksum (RFC 1950 §2.2, DICTID).
///
/// One that has shipped is never changed, since rows need it; a better one is added beside it, and this one stays
/// readable.
struct ZlibDictionary: Sendable {
    let bytes: [UInt8]
    /// Its Adler-32.
    let id: UInt

    private init(_ text: String) {
        bytes = Array(text.utf8)
        id = UInt(adler32(adler32(0, nil, 0), bytes, UInt32(bytes.count)))
    }

    /// The one for new rows.
    static let newest = deliveries

    /// Nil for one that no version has used.
    static func of(id: UInt) -> ZlibDictionary? { deliveries.id == id ? deliveries : nil }

    /// What comes most often stands last, where a compressor needs the fewest bits to point to it.
    private static let deliveries = ZlibDictionary(
        #"""
        {"arguments":{"pool":"","node":""},"command":"","commandLine":"","createdAt":17,"definitionsHash":"","endedAt":1\#
        7,"escalateTo":[],"eventID":,"fencing":,"guardKey":"","guards":{"cancelOnResolve":false},"id":,"isPlanOnly":fals\#
        e,"locks":[],"reason":"","reportTo":[{"address":"","channel":"slack","isPrivate":false}],"requester":{"rule":{"_\#
        0":""}},"startBefore":17,"startedAt":17,"state":"succeeded","timeoutMilliseconds":1800000,"variables":{},"versio\#
        n":,"waitedMilliseconds":0}{"action":"http.check","attempt":1,"endedAt":17,"idempotencyKey":"","index":0,"isOnFa\#
        ilure":false,"jobID":,"name":"","output":{"milliseconds":,"status":200,"summary":""},"startedAt":17,"state":"suc\#
        ceeded","stepID":""}{"rules":[{"decision":"job ","outcome":{"runs":{"arguments":{},"command":"","commandLine":""\#
        }},"rule":"","variables":{},"verdicts":[{"holds":true,"matcher":"status = \"firing\"","saw":"firing"}]},{"outcom\#
        e":{"noMatch":{"_0":"repository = \"\" does not hold: it saw \"\""}},"rule":"","variables":{},"verdicts":[{"hold\#
        s":true,"matcher":"kind = \"push\"","saw":"push"},{"holds":false,"matcher":"repository = \"","saw":""}]}]}{"acti\#
        on":"","before":"","branch":"main","commit":"","created":false,"default_branch":"main","deleted":false,"forced":\#
        false,"is_default_branch":true,"kind":"push","message":"","owner":"","pusher":"","repository":"","repository_nam\#
        e":"","sender":"","sender_id":"","sender_is_bot":false}{"receiver":"","status":"firing","alerts":[{"status":"fir\#
        ing","labels":{"alertname":"","container":"","instance":"","job":"","namespace":"","node":"","pod":"","prometheu\#
        s":"","severity":"critical"},"annotations":{"description":"","runbook_url":"https://","summary":""},"startsAt":"\#
        20","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://","fingerprint":""}],"groupLabels":{"alertname":""},"\#
        commonLabels":{"alertname":""},"commonAnnotations":{},"externalURL":"http://","version":"4","groupKey":"{}:{aler\#
        tname=\"\"}","truncatedAlerts":0}{"content-type":"application/json","user-agent":"GitHub-Hookshot/","x-github-de\#
        livery":"","x-github-event":"pull_request","x-github-event":"workflow_run","x-github-event":"push","x-github-hoo\#
        k-id":"","x-github-hook-installation-target-id":"","x-github-hook-installation-target-type":"repository"}{"ref":\#
        "refs/heads/main","before":"","after":"","pusher":{"name":"","email":"@users.noreply.github.com"},"installation"\#
        :{"id":1,"node_id":"},"created":true,"deleted":false,"forced":false,"base_ref":null,"compare":"https://github.co\#
        m//commit/"}{"id":"","tree_id":"","distinct":true,"message":"","timestamp":"20","url":"https://github.com//commi\#
        t/","author":{"name":"","email":"@users.noreply.github.com","username":""},"committer":{"name":"","email":"@user\#
        s.noreply.github.com","username":""},"added":[""],"removed":[],"modified":[]}{"login":"","id":,"node_id":","avat\#
        ar_url":"https://avatars.githubusercontent.com/u/","gravatar_id":"","url":"https://api.github.com/users/","html_\#
        url":"https://github.com/","followers_url":"https://api.github.com/users//followers","following_url":"https://ap\#
        i.github.com/users//following{/other_user}","gists_url":"https://api.github.com/users//gists{/gist_id}","starred\#
        _url":"https://api.github.com/users//starred{/owner}{/repo}","subscriptions_url":"https://api.github.com/users//\#
        subscriptions","organizations_url":"https://api.github.com/users//orgs","repos_url":"https://api.github.com/user\#
        s//repos","events_url":"https://api.github.com/users//events{/privacy}","received_events_url":"https://api.githu\#
        b.com/users//received_events","type":"User","site_admin":false}{"id":,"node_id":","name":"","full_name":"","priv\#
        ate":false,"owner":{"name":"","email":"@users.noreply.github.com","login":"","id":,"node_id":","avatar_url":"htt\#
        ps://avatars.githubusercontent.com/u/","gravatar_id":"","url":"https://api.github.com/users/","html_url":"https:\#
        //github.com/","followers_url":"https://api.github.com/users//followers","following_url":"https://api.github.com\#
        /users//following{/other_user}","gists_url":"https://api.github.com/users//gists{/gist_id}","starred_url":"https\#
        ://api.github.com/users//starred{/owner}{/repo}","subscriptions_url":"https://api.github.com/users//subscription\#
        s","organizations_url":"https://api.github.com/users//orgs","repos_url":"https://api.github.com/users//repos","e\#
        vents_url":"https://api.github.com/users//events{/privacy}","received_events_url":"https://api.github.com/users/\#
        /received_events","type":"User","site_admin":false},"html_url":"https://github.com/","description":null,"fork":f\#
        alse,"url":"https://github.com/","forks_url":"https://api.github.com/repos//forks","keys_url":"https://api.githu\#
        b.com/repos//keys{/key_id}","collaborators_url":"https://api.github.com/repos//collaborators{/collaborator}","te\#
        ams_url":"https://api.github.com/repos//teams","hooks_url":"https://api.github.com/repos//hooks","issue_events_u\#
        rl":"https://api.github.com/repos//issues/events{/number}","events_url":"https://api.github.com/repos//events","\#
        assignees_url":"https://api.github.com/repos//assignees{/user}","branches_url":"https://api.github.com/repos//br\#
        anches{/branch}","tags_url":"https://api.github.com/repos//tags","blobs_url":"https://api.github.com/repos//git/\#
        blobs{/sha}","git_tags_url":"https://api.github.com/repos//git/tags{/sha}","git_refs_url":"https://api.github.co\#
        m/repos//git/refs{/sha}","trees_url":"https://api.github.com/repos//git/trees{/sha}","statuses_url":"https://api\#
        .github.com/repos//statuses/{sha}","languages_url":"https://api.github.com/repos//languages","stargazers_url":"h\#
        ttps://api.github.com/repos//stargazers","contributors_url":"https://api.github.com/repos//contributors","subscr\#
        ibers_url":"https://api.github.com/repos//subscribers","subscription_url":"https://api.github.com/repos//subscri\#
        ption","commits_url":"https://api.github.com/repos//commits{/sha}","git_commits_url":"https://api.github.com/rep\#
        os//git/commits{/sha}","comments_url":"https://api.github.com/repos//comments{/number}","issue_comment_url":"htt\#
        ps://api.github.com/repos//issues/comments{/number}","contents_url":"https://api.github.com/repos//contents/{+pa\#
        th}","compare_url":"https://api.github.com/repos//compare/{base}...{head}","merges_url":"https://api.github.com/\#
        repos//merges","archive_url":"https://api.github.com/repos//{archive_format}{/ref}","downloads_url":"https://api\#
        .github.com/repos//downloads","issues_url":"https://api.github.com/repos//issues{/number}","pulls_url":"https://\#
        api.github.com/repos//pulls{/number}","milestones_url":"https://api.github.com/repos//milestones{/number}","noti\#
        fications_url":"https://api.github.com/repos//notifications{?since,all,participating}","labels_url":"https://api\#
        .github.com/repos//labels{/name}","releases_url":"https://api.github.com/repos//releases{/id}","deployments_url"\#
        :"https://api.github.com/repos//deployments","created_at":,"updated_at":"20","pushed_at":,"git_url":"git://githu\#
        b.com/.git","ssh_url":"git@github.com:.git","clone_url":"https://github.com/.git","svn_url":"https://github.com/\#
        ","homepage":null,"size":0,"stargazers_count":0,"watchers_count":0,"language":"Python","has_issues":true,"has_pr\#
        ojects":true,"has_downloads":true,"has_wiki":true,"has_pages":true,"forks_count":1,"mirror_url":null,"archived":\#
        false,"disabled":false,"open_issues_count":2,"license":null,"forks":1,"open_issues":2,"watchers":0,"default_bran\#
        ch":"main","stargazers":0,"master_branch":"main","is_template":false,"topics":[],"visibility":"public","web_comm\#
        it_signoff_required":false,"custom_properties":{}}
        """#)
}
