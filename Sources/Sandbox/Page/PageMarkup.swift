/// The page's HTML and its icon.
enum PageMarkup {
    static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Defimon sandbox</title>
        <link rel="icon" href="/sandbox/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/sandbox/app.css">
        <script src="/sandbox/app.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#line">Skip to the command line</a>
        <header class="top">
          <h1>Defimon <span>sandbox</span></h1>
          <p id="link" class="pill" role="status">connecting</p>
          <nav id="links" aria-label="Links"></nav>
        </header>
        <noscript><p class="notice">This page needs JavaScript; it loads none from elsewhere.</p></noscript>
        <p id="notice" class="notice" role="alert" hidden></p>
        <main>
          <section class="chat" aria-label="Chat">
            <div class="bar">
              <div id="channels" class="tabs" role="tablist" aria-label="Channels"></div>
              <label class="who">You are <select id="person"></select></label>
            </div>
            <p id="topic" class="topic"></p>
            <div id="messages" class="messages" role="tabpanel" aria-live="polite" tabindex="0"></div>
            <div id="github" class="github" role="tabpanel" tabindex="0" hidden>
              <div id="gh-main" class="gh-main"></div>
              <div id="gh-pulls"></div>
              <section id="gh-others" aria-labelledby="h-deployments" hidden>
                <h2 id="h-deployments">Other deployments</h2>
                <div id="gh-deployments"></div>
              </section>
            </div>
            <form id="form" class="composer" autocomplete="off">
              <div id="suggestions" class="chips" aria-label="Suggestions"></div>
              <div class="entry">
                <label class="hidden" for="line">Command or message</label>
                <input id="line" type="text" maxlength="3000" spellcheck="false" autocapitalize="none"
                  placeholder="/defimon help" value="/defimon deploy analytics">
                <button id="send" type="submit" class="primary">Send</button>
              </div>
            </form>
          </section>
          <div class="side">
            <section class="card" aria-labelledby="h-jobs">
              <h2 id="h-jobs">Jobs</h2>
              <div id="jobs"></div>
            </section>
            <section class="card" aria-labelledby="h-alerts">
              <h2 id="h-alerts">Alerts</h2>
              <div id="alerts"></div>
            </section>
            <section class="card" aria-labelledby="h-nodes">
              <h2 id="h-nodes">Ethereum nodes</h2>
              <div id="nodes"></div>
            </section>
            <section class="card" aria-labelledby="h-switches">
              <h2 id="h-switches">Failures <small id="on-count"></small></h2>
              <div id="switches"></div>
            </section>
          </div>
        </main>
        <dialog id="modal" aria-labelledby="modal-title"></dialog>
        </body>
        </html>

        """

    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" \
        fill="#0f766e"/><path d="M8 9h6.5a7 7 0 0 1 0 14H8z" fill="none" stroke="#fff" stroke-width="3" \
        stroke-linejoin="round"/><circle cx="25" cy="24" r="2.6" fill="#fbbf24"/></svg>

        """
}
