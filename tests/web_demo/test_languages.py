"""The page in the visitor's language, and other languages on it."""

import json
import re

import pytest
from page_listener import page_gateway, page_url

pytestmark = pytest.mark.asyncio(loop_scope="module")  # that of the browser

CHINESE = re.compile(r"[\u4e00-\u9fff]")


async def test_a_chinese_browser_gets_a_chinese_page_with_chinese_samples(start, new_listener):
    espeak = await start(page_gateway())
    listener = await new_listener(page_url(espeak), locale="zh-CN")

    assert await listener.evaluate("document.documentElement.lang") == "zh"
    await listener.shows(listener.connectionText, "已连接")
    await listener.shows(listener.speak, "朗读")
    left = await listener.evaluate(
        """[...document.querySelectorAll("h1, h2, p, label, button, dt, summary, option[value=''], [aria-label]")]
          .filter((each) => each.checkVisibility() && !each.closest("[lang=en], [lang=ar], .tabs"))
          .map((each) => each.ariaLabel ?? each.textContent.trim())"""
    )
    assert [text for text in left if text and not CHINESE.search(text)] == ["Sayline"]
    await listener.wake()
    await listener.page.get_by_role("button", name="天空为什么是蓝色的？").click()
    await listener.is_sounding()
    started = next(json.loads(each) for _, each in listener.sent if "context.start" in each)
    assert started["language"] == "zh"
    await listener.shows(listener.firstBefore, "一句话写完")
    await listener.interrupt.click()
    await listener.shows(listener.page.locator(".verdict"), "听到 .*个词，没听到 [1-9]")


@pytest.mark.parametrize(("locale", "path", "language"), [("fr-FR", "", "en"), ("en-US", "?lang=zh", "zh")])
async def test_other_browsers_get_english_unless_the_address_says_otherwise(
    gateway, new_listener, locale, path, language
):
    listener = await new_listener(f"{page_url(gateway)}/{path}", locale=locale)
    assert await listener.evaluate("document.documentElement.lang") == language
    await listener.otherLanguage.click()
    await listener.is_connected()
    assert await listener.evaluate("document.documentElement.lang") == ("zh" if language == "en" else "en")


async def test_a_text_written_from_the_right_stands_at_the_right(gateway, new_listener):
    listener = await new_listener(page_url(gateway))
    await listener.wake()
    await listener.page.get_by_role("button", name="بالعربية").click()
    await listener.is_sounding()
    answer = listener.page.locator(".answer")
    assert await answer.evaluate("each => getComputedStyle(each).direction") == "rtl"
    box = await answer.bounding_box()
    first = await answer.evaluate(
        """each => { const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
          const range = document.createRange(); range.setStart(walker.nextNode(), 0);
          range.setEnd(walker.currentNode, 1);
          return range.getBoundingClientRect().right; }"""
    )
    assert abs(first - (box["x"] + box["width"])) < 5
    await listener.interrupt.click()
