"""Pushes of given sizes as GitHub sends them, and their signatures."""
import hashlib
import hmac
import json
import random
from pathlib import Path

SECRET = "a secret of the benchmarks, 32 bytes or more"
REPOSITORY = "acme/analytics-api"
# Stands for the commit's id.
COMMIT = "@" * 40

REPOSITORY_URLS = (
    "forks keys{/key_id} collaborators{/collaborator} teams hooks issues/events{/number} events assignees{/user}"
    " branches{/branch} tags git/blobs{/sha} git/tags{/sha} git/refs{/sha} git/trees{/sha} statuses/{sha} languages"
    " stargazers contributors subscribers subscription commits{/sha} git/commits{/sha} comments{/number}"
    " issues/comments{/number} contents/{+path} compare/{base}...{head} merges {archive_format}{/ref} downloads"
    " issues{/number} pulls{/number} milestones{/number} notifications{?since,all,participating} labels{/name}"
    " releases{/id} deployments"
).split()
USER_URLS = (
    "followers following{/other_user} gists{/gist_id} starred{/owner}{/repo} subscriptions orgs repos"
    " events{/privacy} received_events"
).split()
WORDS = (
    "add drop fix move the a query cache index table window of in for when with validator epoch block slot node"
    " balance price faster slower wrong missing empty late test lint docs deploy retry limit page sort group"
).split()


def user(name):
    api = f"https://api.github.com/users/{name}"
    number = 21_031_067
    return {
        "login": name, "id": number, "node_id": "MDQ6VXNlcjIxMDMxMDY3",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4", "gravatar_id": "", "url": api,
        "html_url": f"https://github.com/{name}",
        **{url.split("{")[0] + "_url": f"{api}/{url}" for url in USER_URLS}, "type": "User", "site_admin": False,
    }


def repository():
    api = f"https://api.github.com/repos/{REPOSITORY}"
    owner, name = REPOSITORY.split("/")
    return {
        "id": 186_853_002, "node_id": "MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI=", "name": name, "full_name": REPOSITORY,
        "private": False, "owner": user(owner), "html_url": f"https://github.com/{REPOSITORY}", "description": None,
        "fork": False, "url": api, **{url.split("{")[0].replace("/", "_") + "_url": f"{api}/{url}"
                                      for url in REPOSITORY_URLS},
        "created_at": 1557933565, "updated_at": "2026-11-20T15:20:41Z", "pushed_at": 1795189200, "size": 184,
        "stargazers_count": 12, "language": "Python", "has_issues": True, "has_wiki": True, "forks_count": 1,
        "archived": False, "open_issues_count": 2, "license": None, "topics": [], "visibility": "public",
        "default_branch": "main", "master_branch": "main",
    }


def commit(random_, identifier, files):
    person = {"name": "Ada Lovelace", "email": "ada@example.com", "username": "ada"}
    return {
        "id": identifier, "tree_id": f"{random_.getrandbits(160):040x}", "distinct": True,
        "message": " ".join(random_.choices(WORDS, k=9)), "timestamp": "2026-11-20T15:19:25Z",
        "url": f"https://github.com/{REPOSITORY}/commit/{identifier}", "author": person, "committer": person,
        "added": [], "removed": [], "modified": files,
    }


def push(size):
    """A push of exactly `size` bytes, in which COMMIT stands for what no other push has. A small one tells that a
    branch was deleted, a larger one brings commits."""
    random_ = random.Random(size)
    body = {
        "ref": "refs/heads/main", "before": COMMIT, "after": "0" * 40, "repository": repository(),
        "pusher": {"name": "ada", "email": "ada@example.com"}, "sender": user("ada"), "created": False,
        "deleted": True, "forced": False, "base_ref": None,
        "compare": f"https://github.com/{REPOSITORY}/compare/0123456789ab...{COMMIT}", "commits": [],
        "head_commit": None,
    }

    def room():
        return size - len(json.dumps(body, separators=(",", ":")))

    def file():
        return "/".join(random_.choices(WORDS, k=3)) + ".py"

    newest = commit(random_, COMMIT, [file()])
    if room() > 2 * len(json.dumps(newest)):
        body |= {"before": f"{random_.getrandbits(160):040x}", "after": COMMIT, "deleted": False}
        body |= {"head_commit": newest, "commits": [newest]}
        while room() > 700:
            body["commits"].insert(0, commit(random_, f"{random_.getrandbits(160):040x}", [file()]))
    body["repository"]["description"] = ""
    filling = ""
    while len(filling) < room():
        filling += random_.choice(WORDS) + " "
    body["repository"]["description"] = filling[:room()]
    text = json.dumps(body, separators=(",", ":"))
    assert len(text) == size, f"a push of {size} bytes is smaller than what every push holds"
    return text


def write(folder: Path, size, count):
    """Writes the template and `count` signatures for push.lua. Returns their paths."""
    template, signatures = folder / f"push-{size}.json", folder / f"push-{size}-{count}.signatures"
    if not signatures.exists():
        body = push(size)
        template.write_text(body)
        random_ = random.Random(0)
        key = SECRET.encode()
        with signatures.open("w") as out:
            for _ in range(count):
                identifier = f"{random_.getrandbits(160):040x}"
                mac = hmac.digest(key, body.replace(COMMIT, identifier).encode(), hashlib.sha256)
                out.write(f"{identifier} {mac.hex()}\n")
    return template, signatures
