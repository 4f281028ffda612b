print("defimon")
