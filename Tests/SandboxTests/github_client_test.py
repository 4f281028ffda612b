#!/usr/bin/env python3
"""Drives the stand-in for GitHub with PyGithub, a client that knows the real one.

usage: github_client_test.py URL TOKEN NUMBER APP_ID KEY_FILE

URL is the stand-in's, NUMBER an open pull request of acme/api whose workflow has succeeded, KEY_FILE the App's private
key (PEM). Exit code 0: all as it should be; 1: not, with a traceback; 2: usage.
"""

import io
import sys
import tarfile
import urllib.request

from github import Auth, Github, GithubException, GithubIntegration


def fails(status, call):
    """The call must be refused with that status; returns what GitHub said."""
    try:
        call()
    except GithubException as error:
        assert error.status == status, error
        return error.data
    raise AssertionError(f"not refused with {status}")


def client(url, auth):
    return Github(base_url=url, auth=auth, seconds_between_requests=0, seconds_between_writes=0, retry=None)


def reading(github, repo, number):
    assert github.get_user().login == "defimon-bot"
    assert repo.default_branch == "main" and repo.owner.type == "Organization"
    main = repo.get_branch("main")
    assert main.commit.sha == repo.get_git_ref("heads/main").object.sha == repo.get_commit("main").sha
    pull = repo.get_pull(number)
    assert pull.state == "open" and not pull.merged and pull.head.repo.id == pull.base.repo.id
    assert [one.number for one in repo.get_pulls(state="open")] == [number]
    runs = list(repo.get_workflow("ci.yml").get_runs(head_sha=pull.head.sha))
    assert [run.conclusion for run in runs] == ["success"] and runs[0].pull_requests[0].number == number
    suites = list(repo.get_commit(pull.head.sha).get_check_suites())
    assert [(one.status, one.latest_check_runs_count) for one in suites] == [("queued", 0), ("completed", 1)]
    assert [one.conclusion for one in repo.get_commit(pull.head.sha).get_check_runs()] == ["success"]
    assert repo.get_collaborator_permission("olivia") == "write"
    assert fails(404, lambda: repo.get_pull(999))["message"] == "Not Found"
    assert fails(404, lambda: repo.get_branch("none"))["message"] == "Branch not found"
    assert github.get_rate_limit().resources.core.limit == 5000
    with urllib.request.urlopen(repo.get_archive_link("tarball", pull.head.sha)) as answer:
        names = tarfile.open(fileobj=io.BytesIO(answer.read())).getnames()
    assert f"acme-api-{pull.head.sha[:7]}/deploy/preview/api.yaml" in names, names
    return pull


def writing(repo, pull):
    comments = [pull.create_issue_comment(f"comment {index}") for index in range(35)]
    assert [one.id for one in pull.get_issue_comments()] == [one.id for one in comments]  # more than one page
    comments[0].edit("edited")
    assert repo.get_issue(pull.number).get_comment(comments[0].id).body == "edited"
    comments[0].delete()
    fails(404, lambda: repo.get_issue(pull.number).get_comment(comments[0].id))
    sha = pull.head.sha
    made = repo.create_deployment(
        sha, environment="pr-1", auto_merge=False, required_contexts=[], payload={"key": "job-1"},
        transient_environment=True, production_environment=False)
    assert made.payload == {"key": "job-1"} and made.sha == sha
    status = made.create_status("success", environment_url="https://pr-1.example.com", description="Up")
    assert status.environment_url == "https://pr-1.example.com"
    assert [one.state for one in made.get_statuses()] == ["success"]
    assert [one.id for one in repo.get_deployments(environment="pr-1")] == [made.id]
    commit = repo.get_commit(sha)
    commit.create_status("success", target_url="https://example.com", description="ok", context="preview")
    assert commit.get_combined_status().state == "success"
    fails(403, lambda: repo.create_check_run("preview", sha))


def app(url, app_id, key, sha):
    integration = GithubIntegration(auth=Auth.AppAuth(app_id, key), base_url=url)
    assert integration.get_app().slug == "defimon"
    installation = integration.get_repo_installation("acme", "api")
    token = integration.get_access_token(installation.id)
    github = client(url, Auth.Token(token.token))
    assert fails(403, lambda: github.get_user().login)["message"] == "Resource not accessible by integration"
    repo = github.get_repo("acme/api")
    run = repo.create_check_run("preview", sha, status="in_progress", output={"title": "Preview", "summary": "Begins"})
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "hm"}
    run.edit(conclusion="success", output={"title": "Preview", "summary": "Up", "annotations": [note] * 50})
    assert run.status == "completed" and run.output.annotations_count == 50
    assert len(list(run.get_annotations())) == 50
    fails(422, lambda: run.edit(output={"title": "Preview", "summary": "Up", "annotations": [note] * 51}))


def main(arguments):
    if len(arguments) != 6:
        print(__doc__, file=sys.stderr)
        return 2
    url, token, number, app_id, key_file = arguments[1:]
    with open(key_file, encoding="ascii") as file:
        key = file.read()
    github = client(url, Auth.Token(token))
    repo = github.get_repo("acme/api")
    pull = reading(github, repo, int(number))
    writing(repo, pull)
    app(url, int(app_id), key, pull.head.sha)
    fails(401, lambda: client(url, Auth.Token("wrong")).get_user().login)
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
