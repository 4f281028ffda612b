extension PageStyle {
    /// The view of pull requests.
    static let github = """
        .github { flex: 1; min-height: 14rem; overflow-y: auto; padding: .7rem 1rem 1rem; overflow-wrap: anywhere; }
        .github code { font: .85em/1.4 var(--mono); background: var(--code); border-radius: 4px; padding: .08em .3em; }
        .gh-head, .gh-branch { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
        .gh-head h2 { font-size: 1.08rem; margin: 0; flex: 1; min-width: 10rem; }
        .gh-branch { padding: .55rem 0 .7rem; }
        .gh-branch .grow { flex: 1; min-width: 12rem; }
        .github .note { color: var(--soft); font-size: .87rem; }
        .buttons { display: flex; flex-wrap: wrap; gap: .4rem; }
        .buttons button { font-size: .87rem; }
        .pull { border-top: 1px solid var(--line); }
        .pull > summary { list-style: none; cursor: pointer; display: flex; gap: .5rem; align-items: baseline;
          padding: .55rem 0; flex-wrap: wrap; }
        .pull > summary::-webkit-details-marker { display: none; }
        .pull > summary::before { content: "▸"; color: var(--soft); font-size: .8rem; }
        .pull[open] > summary::before { content: "▾"; }
        .pull > summary:hover .grow { text-decoration: underline; }
        .pull .grow { flex: 1; min-width: 8rem; font-weight: 600; }
        .pull .row .grow { font-weight: 400; }
        .pull .num { color: var(--soft); font: .85rem var(--mono); }
        .pull-body { padding: 0 0 .8rem 1.15rem; display: grid; gap: .6rem; }
        .pull-body > div:empty { display: none; }
        .pull .meta { color: var(--soft); font-size: .87rem; margin-bottom: .4rem; }
        .buttons + .deployment { margin-top: .6rem; }
        .comment table { border-collapse: collapse; margin: .3rem 0; white-space: normal; }
        .comment td { border: 1px solid var(--line); padding: .15rem .6rem; vertical-align: top; }
        .comments { display: grid; gap: .5rem; }
        .comment { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
        .comment .head { align-items: center; gap: 0 .5rem; padding: .3rem .7rem; background: var(--hover);
          border-bottom: 1px solid var(--line); }
        .comment .avatar { width: 1.4rem; height: 1.4rem; font-size: .72rem; border-radius: 5px; margin: 0; }
        .comment > .text { padding: .45rem .7rem .55rem; }
        .comment.bot { border-color: var(--accent); box-shadow: inset 3px 0 var(--accent); }
        .comment.bot .head { background: var(--private); background: color-mix(in srgb, var(--accent) 11%, var(--card)); }
        #gh-others { border-top: 1px solid var(--line); padding-top: .6rem; margin-top: .2rem; }
        @media (max-width: 820px) {
          .github { padding: .6rem .7rem .8rem; overflow: visible; }
          .pull-body { padding-left: 0; }
          .pull > summary .grow { flex-basis: 70%; }
        }

        """
}
