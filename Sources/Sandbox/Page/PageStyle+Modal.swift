extension PageStyle {
    static let modal = """
        #modal { border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: var(--ink); padding: 0;
          width: min(32rem, calc(100vw - 2rem)); max-height: calc(100dvh - 3rem); }
        #modal::backdrop { background: rgb(0 0 0 / .45); }
        #modal form { display: flex; flex-direction: column; }
        #modal h2 { font-size: 1.1rem; margin: 0; padding: .8rem 1.1rem; border-bottom: 1px solid var(--line); }
        #modal .inputs { padding: .4rem 1.1rem .9rem; }
        #modal .input { margin-top: .8rem; }
        #modal .input > label, #modal legend { display: block; font-weight: 600; padding: 0; margin-bottom: .2rem; }
        #modal fieldset.input > label { font-weight: 400; }
        #modal fieldset { border: 0; margin: 0; padding: 0; }
        #modal input[type=text], #modal select { width: 100%; max-width: none; padding: .45rem .6rem; border-radius: 7px;
          border: 1px solid var(--line); background: var(--page); }
        #modal .input small { display: block; margin-top: .2rem; }
        #modal .wrong { color: var(--bad); margin-top: .2rem; font-size: .9rem; }
        #modal .wrong:empty { display: none; }
        #modal .end { display: flex; justify-content: flex-end; gap: .6rem; padding: .7rem 1.1rem;
          border-top: 1px solid var(--line); }

        """
}
