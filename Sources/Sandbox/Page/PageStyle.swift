/// The page's style sheet.
enum PageStyle {
    static let css = base + chat + modal + github + side

    private static let base = """
        :root {
          color-scheme: light dark;
          --page: #f4f5f4; --card: #ffffff; --ink: #1b1f1e; --soft: #5a6462; --line: #dcE1df; --hover: #eef1f0;
          --accent: #0f766e; --accent-ink: #ffffff; --link: #0b5fae; --code: #eef1f0; --code-ink: #8b2c18;
          --good: #1a7f37; --bad: #c02d24; --warn: #8f5b00; --busy: #0b5fae; --private: #fbf6e6; --private-line: #d8b95a;
          --good-bg: #e3f4e7; --bad-bg: #fbe7e5; --warn-bg: #fbf0d9; --busy-bg: #e3eefa; --rest-bg: #ebeeed;
          --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
          --mono: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", "Liberation Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #121615; --card: #1a1f1e; --ink: #e4e9e7; --soft: #9aa5a2; --line: #2e3634; --hover: #222928;
            --accent: #2fb5a5; --accent-ink: #06201d; --link: #7cb8f2; --code: #262d2b; --code-ink: #f0a58f;
            --good: #5fce7d; --bad: #ff8a80; --warn: #e8b958; --busy: #7cb8f2; --private: #262317; --private-line: #7d6a2e;
            --good-bg: #16311e; --bad-bg: #3b1c1a; --warn-bg: #352a12; --busy-bg: #16283b; --rest-bg: #262d2b;
          }
        }
        * { box-sizing: border-box; }
        html { font: 15px/1.5 var(--sans); }
        body { margin: 0; background: var(--page); color: var(--ink); display: flex; flex-direction: column;
          height: 100vh; height: 100dvh; }
        h1, h2, h3, p, pre, blockquote { margin: 0; }
        a { color: var(--link); }
        small { font-size: .87rem; color: var(--soft); font-weight: 400; }
        button, input, select { font: inherit; color: inherit; }
        button { border: 1px solid var(--line); background: var(--card); border-radius: 6px; padding: .25rem .7rem;
          cursor: pointer; }
        button:hover:enabled { background: var(--hover); }
        button:disabled { opacity: .5; cursor: default; }
        button.primary { background: var(--accent); color: var(--accent-ink); border-color: var(--accent); font-weight: 600; }
        button.primary:hover:enabled { background: var(--accent); filter: brightness(1.08); }
        button.danger { color: var(--bad); border-color: var(--bad); }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .skip { position: absolute; left: -100vw; }
        .skip:focus { left: .5rem; top: .5rem; background: var(--card); padding: .3rem .6rem; z-index: 2; }
        .top { display: flex; align-items: center; gap: .8rem; padding: .55rem 1rem; background: var(--card);
          border-bottom: 1px solid var(--line); flex-wrap: wrap; }
        h1 { font-size: 1.05rem; letter-spacing: -.01em; }
        h1 span { color: var(--soft); font-weight: 400; }
        #links { margin-left: auto; display: flex; gap: .9rem; flex-wrap: wrap; font-size: .9rem; }
        .pill { font-size: .8rem; padding: .05rem .55rem; border-radius: 99px; background: var(--rest-bg);
          color: var(--soft); white-space: nowrap; font-weight: 500; }
        .pill.good { background: var(--good-bg); color: var(--good); }
        .pill.bad { background: var(--bad-bg); color: var(--bad); }
        .pill.warn { background: var(--warn-bg); color: var(--warn); }
        .pill.busy { background: var(--busy-bg); color: var(--busy); }
        .notice { padding: .5rem 1rem; background: var(--bad-bg); color: var(--bad); border-bottom: 1px solid var(--line); }
        [hidden] { display: none !important; }
        main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr) minmax(21rem, 27rem);
          gap: .8rem; padding: .8rem; }
        .chat, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
        .side { overflow: auto; display: flex; flex-direction: column; gap: .8rem; min-height: 0; }
        .card { padding: .7rem .9rem .8rem; flex: none; }
        h2 { font-size: .95rem; margin-bottom: .35rem; }
        .empty { color: var(--soft); }
        @media (max-width: 820px) {
          body { height: auto; min-height: 100dvh; }
          main { display: block; padding: .5rem; }
          .side { overflow: visible; margin-top: .6rem; gap: .6rem; }
          .top { padding: .5rem .7rem; gap: .6rem; }
          #links { margin-left: 0; }
        }

        """

    private static let chat = """
        .chat { display: flex; flex-direction: column; min-height: 0; overflow: hidden; }
        .bar { display: flex; align-items: center; gap: .6rem; padding: .3rem .7rem; border-bottom: 1px solid var(--line);
          flex-wrap: wrap; }
        .tabs { display: flex; gap: .2rem; }
        .tabs button { border: 0; background: none; padding: .35rem .6rem; color: var(--soft); font-weight: 600; }
        .tabs button[aria-selected=true] { color: var(--ink); box-shadow: inset 0 -2px var(--accent); border-radius: 0; }
        .count { display: inline-block; min-width: 1.5em; line-height: 1.5; text-align: center; background: var(--bad);
          color: var(--card); border-radius: 99px; font-size: .72rem; font-weight: 700; margin-left: .4rem; padding: 0 .35em;
          vertical-align: .08em; }
        .who { margin-left: auto; color: var(--soft); font-size: .9rem; }
        select { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .2rem .3rem;
          color: var(--ink); max-width: 15rem; }
        .topic { padding: .3rem 1rem; color: var(--soft); font-size: .87rem; border-bottom: 1px solid var(--line); }
        .topic:empty { display: none; }
        .messages { flex: 1; min-height: 14rem; overflow-y: auto; padding: .5rem 0; overflow-wrap: anywhere; }
        .message { display: grid; grid-template-columns: 2rem minmax(0, 1fr); gap: 0 .7rem; padding: .4rem 1rem; }
        .message:hover { background: var(--hover); }
        .message.private { background: var(--private); box-shadow: inset 3px 0 var(--private-line); }
        .avatar { width: 2rem; height: 2rem; border-radius: 7px; display: grid; place-items: center; font-weight: 700;
          font-size: .9rem; background: var(--rest-bg); color: var(--soft); margin-top: .15rem; }
        .avatar.bot { background: var(--accent); color: var(--accent-ink); }
        .head { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; }
        .head b { font-weight: 700; }
        .head small { font-size: .8rem; }
        .head .app { font-size: .68rem; background: var(--rest-bg); color: var(--soft); padding: 0 .3rem; border-radius: 3px;
          font-weight: 600; align-self: center; }
        .head .only { color: var(--warn); }
        .block { margin-top: .3rem; }
        .block:first-child { margin-top: 0; }
        .block h3 { font-size: 1.08rem; line-height: 1.35; }
        .section { display: flex; gap: .8rem; justify-content: space-between; align-items: flex-start; }
        .section > div { min-width: 0; flex: 1; }
        .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .35rem 1rem; margin-top: .2rem; }
        .context { color: var(--soft); font-size: .87rem; display: flex; flex-wrap: wrap; gap: 0 .8rem; }
        .actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .45rem; }
        .divider { border: 0; border-top: 1px solid var(--line); margin: .5rem 0; }
        .text { white-space: pre-wrap; }
        .text code { font: .87em/1.4 var(--mono); background: var(--code); color: var(--code-ink); border-radius: 4px;
          padding: .08em .3em; }
        .text pre { font: .82rem/1.45 var(--mono); background: var(--code); border: 1px solid var(--line); border-radius: 6px;
          padding: .45rem .6rem; margin: .25rem 0; overflow: auto; white-space: pre; max-height: 22rem;
          overflow-wrap: normal; }
        .text blockquote { border-left: 3px solid var(--line); padding-left: .7rem; color: var(--soft); }
        .mention { background: var(--busy-bg); color: var(--busy); border-radius: 4px; padding: 0 .2em; font-weight: 600; }
        .thread { grid-column: 2; margin-top: .35rem; border-left: 2px solid var(--line); padding-left: .6rem; }
        .thread > summary { color: var(--link); cursor: pointer; font-size: .87rem; }
        .thread .message { padding: .35rem .2rem; grid-template-columns: 1.4rem minmax(0, 1fr); gap: 0 .5rem; }
        .thread .avatar { width: 1.4rem; height: 1.4rem; font-size: .72rem; border-radius: 5px; }
        .composer { border-top: 1px solid var(--line); padding: .5rem .8rem .7rem; background: var(--card); }
        .chips { display: flex; gap: .4rem; overflow-x: auto; padding: 2px 2px .5rem; scrollbar-width: thin; }
        .chips button { white-space: nowrap; font: .8rem/1.4 var(--mono); border-radius: 99px; padding: .15rem .65rem;
          color: var(--soft); flex: none; }
        .entry { display: flex; gap: .5rem; }
        .entry input { flex: 1; min-width: 0; font: .95rem var(--mono); padding: .5rem .7rem; border-radius: 7px;
          border: 1px solid var(--line); background: var(--page); }
        @media (max-width: 820px) {
          .messages { height: 56dvh; flex: none; }
          .message { padding: .4rem .7rem; grid-template-columns: 1.6rem minmax(0, 1fr); gap: 0 .55rem; }
          .avatar { width: 1.6rem; height: 1.6rem; font-size: .8rem; }
          .who { margin-left: 0; flex-basis: 100%; padding-bottom: .2rem; }
          .entry input { font-size: 16px; }
        }

        """

    private static let side = """
        .row { display: flex; align-items: center; gap: .5rem; padding: .35rem 0; border-top: 1px solid var(--line); }
        .row:first-child { border-top: 0; }
        .row .grow { flex: 1; min-width: 0; overflow-wrap: anywhere; }
        .row small { display: block; line-height: 1.35; }
        .row button { flex: none; font-size: .87rem; }
        .job { border-top: 1px solid var(--line); padding: .4rem 0; }
        .job:first-child { border-top: 0; }
        .job > summary { list-style: none; cursor: pointer; display: flex; gap: .5rem; align-items: baseline; }
        .job > summary::-webkit-details-marker { display: none; }
        .job .grow { flex: 1; min-width: 0; overflow-wrap: anywhere; }
        .job code { font: .85rem var(--mono); }
        .job .num { color: var(--soft); font: .85rem var(--mono); }
        .job .meta { color: var(--soft); font-size: .84rem; margin-top: .1rem; }
        .steps { list-style: none; margin: .3rem 0 0; padding: 0; font-size: .87rem; }
        .steps li { display: grid; grid-template-columns: 1.1rem minmax(0, 1fr); gap: .3rem; padding: .08rem 0;
          overflow-wrap: anywhere; }
        .steps .succeeded > span:first-child { color: var(--good); }
        .steps .failed > span:first-child, .steps .timed-out > span:first-child, .steps .error { color: var(--bad); }
        .steps .running > span:first-child { color: var(--busy); }
        .steps .pending, .steps .skipped, .steps .note { color: var(--soft); }
        .group { margin-top: .5rem; }
        .group:first-child { margin-top: 0; }
        .group h3 { font-size: .8rem; color: var(--soft); font-weight: 600; margin-bottom: .15rem; }
        .toggles { display: flex; flex-wrap: wrap; gap: .35rem; }
        .toggles label { display: inline-flex; align-items: center; gap: .35rem; border: 1px solid var(--line);
          border-radius: 99px; padding: .12rem .7rem .12rem .5rem; font-size: .87rem; cursor: pointer; }
        .toggles label:hover { background: var(--hover); }
        .toggles label:has(:checked) { background: var(--bad-bg); border-color: var(--bad); color: var(--bad); font-weight: 600; }
        .toggles label:has(:focus-visible) { outline: 2px solid var(--link); outline-offset: 1px; }
        .toggles input { accent-color: var(--bad); margin: 0; }
        @media (prefers-reduced-motion: no-preference) {
          .steps .running > span:first-child { animation: pulse 1.4s ease-in-out infinite; }
          @keyframes pulse { 50% { opacity: .35; } }
        }

        """
}
