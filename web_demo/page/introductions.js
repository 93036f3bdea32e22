/** A sentence in which a voice introduces itself, by language. Pure. */

/** @type {Record<string, string>} */
const SENTENCES = {
  ar: "مرحبا، هذا هو صوتي. ماذا تريد أن أقرأ لك؟",
  de: "Hallo, so klinge ich. Was darf ich dir vorlesen?",
  en: "Hello, this is how I sound. What shall I read to you?",
  es: "Hola, así suena mi voz. ¿Qué quieres que te lea?",
  fr: "Bonjour, voici ma voix. Que voulez-vous que je vous lise ?",
  hi: "नमस्ते, मेरी आवाज़ ऐसी है। मैं आपके लिए क्या पढ़ूँ?",
  it: "Ciao, questa è la mia voce. Che cosa vuoi che ti legga?",
  ja: "こんにちは。これが私の声です。何を読みましょうか。",
  ko: "안녕하세요. 제 목소리는 이렇습니다. 무엇을 읽어 드릴까요?",
  pt: "Olá, esta é a minha voz. O que quer que eu leia?",
  ru: "Здравствуйте, вот так звучит мой голос. Что вам прочитать?",
  zh: "你好，这就是我的声音。想让我给你读点什么？",
};

/**
 * The language in which a voice is heard best, and its sentence: the wish if there is one, else the page's if the voice speaks
 * it, else the voice's first with a sentence; English if there is none.
 *
 * @param {readonly string[]} spoken languages of the voice
 * @param {string} wish or ""
 * @param {string} page its language
 */
export function introductionOf(spoken, wish, page) {
  const languages = [wish, ...(spoken.includes(page) ? [page] : []), ...spoken];
  const language = languages.find((each) => primary(each) in SENTENCES) ?? "en";
  return { language: spoken.includes(language) ? language : null, sentence: SENTENCES[primary(language)] };
}

/** `zh` of `zh-CN`; Mandarin has two codes. @param {string} tag */
function primary(tag) {
  return tag.toLowerCase().split("-")[0].replace("cmn", "zh");
}
