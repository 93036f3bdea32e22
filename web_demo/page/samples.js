/** The conversations that a visitor can press, by the visitor's language. Each shows something that a voice must get right. */

const SKY = {
  title: "Why is the sky blue?",
  language: "en",
  question: "Why is the sky blue?",
  answer:
    "Sunlight looks white, but it is a mixture of all colours. On its way down it meets the molecules of the air, and they " +
    "scatter short waves far more than long ones. Blue light is scattered several times as much as red light, so it " +
    "comes to your eye from every part of the sky. In the evening the light takes a longer way through the air. Most of " +
    "the blue is gone by then, and what is left is the red of the sunset.",
};

const SKY_ZH = {
  title: "天空为什么是蓝色的？",
  language: "zh",
  question: "天空为什么是蓝色的？",
  answer:
    "阳光看上去是白色的，其实混合了各种颜色。它穿过大气时会碰到空气分子，而空气分子散射短波的本领比长波强得多。" +
    "蓝光被散射的程度是红光的好几倍，于是从天空的各个方向都有蓝光进入我们的眼睛。到了傍晚，阳光要穿过更厚的大气，" +
    "蓝光大多在半路上就散掉了，剩下的便是夕阳的红色。",
};

const AUTUMN_AR = {
  title: "بالعربية",
  language: "ar",
  question: "لماذا يتغير لون أوراق الشجر في الخريف؟",
  answer:
    "تكون أوراق الشجر خضراء في الصيف بسبب مادة الكلوروفيل. وعندما يقصر النهار في الخريف، تتوقف الشجرة عن صنع هذه المادة. " +
    "عندها تظهر ألوان كانت مختبئة في الورقة طوال الصيف، مثل الأصفر والبرتقالي. ثم تسقط الورقة، وتستريح الشجرة حتى الربيع.",
};

/** @type {Record<string, readonly Sample[]>} */
const SAMPLES = {
  en: [
    SKY,
    {
      title: "A table for four",
      language: "en",
      question: "Can you book me a table for Friday?",
      answer:
        "Of course! I found a table for 4 on Friday, 13 March, at 7:30 p.m. It is at Dr. Rossi's place on Main St., about " +
        "1.5 km from your hotel. The set menu is $48.50 each; with wine it comes to roughly $230 for all of you. They keep " +
        "the table for 15 min. and then give it away. Shall I confirm it, or would you rather eat at 9?",
    },
    {
      title: "Tea, in Markdown",
      language: "en",
      question: "How do I make good tea?",
      answer:
        "Good tea needs **three things**:\n\n1. Fresh water, *just off* the boil.\n2. One spoon of leaves per cup, and " +
        "[a warm pot](https://example.com/pot).\n3. Patience: three minutes, no more.\n\nThen pour, and enjoy it! 🍵",
    },
    {
      title: "Auf Deutsch",
      language: "de",
      question: "Erzähl mir etwas über den Wald.",
      answer:
        "Ein Wald ist nie ganz still. Am Morgen rufen die Vögel, mittags summen die Bienen, und nachts knackt es im Unterholz. " +
        "Unter der Erde sind die Bäume durch feine Pilzfäden verbunden. So tauschen sie Zucker gegen Wasser, etwa 30 Meter " +
        "weit. Wer langsam geht, hört mehr davon.",
    },
    { ...SKY_ZH, title: "中文" },
    AUTUMN_AR,
  ],
  zh: [
    SKY_ZH,
    {
      title: "订一张四人桌",
      language: "zh",
      question: "能帮我订周五的一张桌子吗？",
      answer:
        "当然可以！我在3月13日（星期五）晚上7点半为您找到了一张四人桌，餐厅在中山路128号，离您的酒店约1.5公里。" +
        "套餐每位298元，加上酒水，四位一共大约1500元。餐厅只为您保留15分钟。要我现在确认吗？还是您想改到9点？",
    },
    {
      title: "泡茶（Markdown）",
      language: "zh",
      question: "怎样泡一杯好茶？",
      answer:
        "泡好一杯茶需要**三样东西**：\n\n1. 新鲜的水，*刚刚*烧开。\n2. 每杯一勺茶叶，还有[一把温过的壶](https://example.com/pot)。\n" +
        "3. 耐心：三分钟，不多不少。\n\n然后倒出来，慢慢享用！🍵",
    },
    { ...SKY, title: "In English" },
    AUTUMN_AR,
  ],
};

/** @param {string} language of the page */
export function samplesIn(language) {
  return SAMPLES[language];
}

/** @typedef {{title: string, language: string, question: string, answer: string}} Sample */
