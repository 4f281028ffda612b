import App

await Defimon.start()
