import App

await Program.start()
