/** The conversations that a visitor can press. Each shows something that a voice must get right. */

export const FIRST_TEXT =
  "Hello! I am being spoken while I am still being written. Press Escape at any time, and I stop at once.";

export const SAMPLES = Object.freeze([
  {
    title: "Why is the sky blue?",
    language: "en",
    question: "Why is the sky blue?",
    answer:
      "Sunlight looks white, but it is a mixture of all colours. On its way down it meets the molecules of the air, and they " +
      "scatter short waves far more than long ones. Blue light is scattered several times as much as red light, so it " +
      "comes to your eye from every part of the sky. In the evening the light takes a longer way through the air. Most of " +
      "the blue is gone by then, and what is left is the red of the sunset.",
  },
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
]);
