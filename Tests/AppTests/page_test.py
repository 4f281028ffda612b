#!/usr/bin/env python3
"""Drives the sandbox's page in headless Chromium as a person would.

usage: page_test.py PAGE_URL SCREENSHOT_FOLDER [SECONDS]

Types `/defimon deploy analytics`, waits for a message that says "succeeded", fires the Geth alert, and waits for its
report and for the alert to be quiet again. Where the page has pull requests: opens one, comments on it, lets its CI
succeed and closes it. SECONDS bounds each wait (default 120). Exit code 0: all seen; 1: not, and
the last line says what was missing; 2: usage. Needs selenium; CHROMIUM and CHROMEDRIVER name the programs if they are
not in /usr/bin.
"""

import os
import re
import sys
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class Missing(Exception):
    """Something that should be on the page is not."""


def browser(width, height, profile):
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--hide-scrollbars", f"--user-data-dir={profile}", f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    service = webdriver.ChromeService(os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def view(driver, width, height, scheme="light"):
    """Sets the size of the page itself, and its colours."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


def wait_for(what, seconds, look):
    """Looks again and again until `look` gives something; raises `Missing` that names `what`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = look()
            if found:
                return found
        except StaleElementReferenceException:
            pass  # the page drew it anew
        time.sleep(0.1)
    raise Missing(f"not seen within {seconds:.0f} s: {what}")


def messages(driver):
    """Texts of the messages on the page, threads too."""
    return driver.execute_script(
        "return [...document.querySelectorAll('#messages > article')].map((one) => one.textContent)")


def message(driver, pattern, after=0):
    return next((text for text in messages(driver)[after:] if re.search(pattern, text, re.I | re.S)), None)


def deploy(driver, folder, seconds):
    line = driver.find_element(By.ID, "line")
    wait_for("the page is live", seconds, lambda: driver.find_element(By.ID, "link").text == "live")
    line.send_keys(Keys.CONTROL, "a")
    line.send_keys("/defimon deploy analytics", Keys.ENTER)
    wait_for("the typed command in the channel", seconds, lambda: message(driver, r"/defimon deploy analytics"))
    time.sleep(0.5)
    driver.save_screenshot(os.path.join(folder, "1-deploy-running.png"))
    print("seen:", wait_for(
        'a message about "deploy analytics" that says "succeeded"', seconds,
        lambda: message(driver, r"deploy.*analytics.*succeeded|succeeded.*deploy.*analytics"))[:120])
    driver.save_screenshot(os.path.join(folder, "2-deploy-succeeded.png"))


def alert(driver, folder, seconds):
    before = len(messages(driver))
    button = wait_for(
        "a button that fires the Geth alert", seconds,
        lambda: next(iter(driver.find_elements(By.CSS_SELECTOR, "#alerts button[aria-label*='Fire Geth down']")), None))
    name = button.get_attribute("id")
    button.click()
    wait_for("the alert is firing", seconds, lambda: driver.find_element(By.ID, name).text == "Resolve")
    driver.save_screenshot(os.path.join(folder, "3-alert-firing.png"))
    print("seen:", wait_for(
        'a new message about the Geth restart that says "succeeded"', seconds,
        lambda: message(driver, r"geth.*succeeded|succeeded.*geth", before))[:120])
    wait_for("the alert is quiet again", seconds, lambda: driver.find_element(By.ID, name).text == "Fire")
    driver.save_screenshot(os.path.join(folder, "4-alert-report.png"))


def press(driver, seconds, name):
    """Presses a button by its id; where it stands, something else may lie over it."""
    wait_for(f"the button {name}", seconds, lambda: driver.find_elements(By.ID, name))
    driver.execute_script("document.getElementById(arguments[0]).click()", name)


def pull_request(driver, folder, seconds):
    def text(name):
        return driver.execute_script(
            "const node = document.getElementById(arguments[0]); return node ? node.textContent : ''", name)

    def pulls():
        return driver.find_elements(By.CSS_SELECTOR, "#gh-pulls > details")

    press(driver, seconds, "tab-github")
    before = len(pulls())
    press(driver, seconds, "gh-open")
    name = wait_for("a new pull request", seconds, lambda: len(pulls()) > before and pulls()[0].get_attribute("id"))
    wait_for("it is open", seconds, lambda: "open" in text(f"{name}-summary"))
    line = driver.find_element(By.ID, f"{name}-line")
    line.send_keys("Looks good", Keys.ENTER)
    wait_for("the comment on it", seconds, lambda: "Looks good" in text(f"{name}-comments"))
    line.send_keys("half a comment")
    press(driver, seconds, f"{name}-pass")
    wait_for("its CI has succeeded", seconds, lambda: "CI succeeded" in text(f"{name}-summary"))
    driver.save_screenshot(os.path.join(folder, "6-pull-request.png"))
    press(driver, seconds, f"{name}-close")
    wait_for("it is closed", seconds, lambda: "closed" in text(f"{name}-summary"))
    if line.get_attribute("value") != "half a comment":
        raise Missing("the comment that was being written is gone")
    print("seen:", text(f"{name}-summary"))
    looks(driver, folder, "7-pull-request")
    driver.find_element(By.CSS_SELECTOR, "#channels button").click()


def looks(driver, folder, name="5"):
    """Both widths in both colours; nothing may stick out to the side."""
    for width, height in ((1280, 800), (390, 844)):
        for scheme in ("light", "dark"):
            view(driver, width, height, scheme)
            time.sleep(0.3)
            driver.save_screenshot(os.path.join(folder, f"{name}-{width}-{scheme}.png"))
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            if wide > width:
                raise Missing(f"at {width} px the page is {wide} px wide: something sticks out")
    view(driver, 1280, 800)


def complaints(driver):
    """What the browser complained about: script errors, refused sources."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def main(arguments):
    if len(arguments) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    url, folder = arguments[1], arguments[2]
    seconds = float(arguments[3]) if len(arguments) == 4 else 120.0
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="page-test-", ignore_cleanup_errors=True) as profile:
        driver = browser(1280, 800, profile)
        try:
            view(driver, 1280, 800)
            driver.get(url)
            deploy(driver, folder, seconds)
            alert(driver, folder, seconds)
            looks(driver, folder)
            if driver.find_elements(By.ID, "tab-github"):
                pull_request(driver, folder, seconds)
            if complaints(driver):
                raise Missing("the browser complains: " + "; ".join(complaints(driver)))
        except Missing as missing:
            driver.save_screenshot(os.path.join(folder, "failed.png"))
            print("The last messages:", *[text[:300] for text in messages(driver)[-5:]], sep="\n  ")
            print("FAILED:", missing)
            return 1
        finally:
            driver.quit()
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
