/** Types of gateway_client.js: the browser client of `tts.v1` (docs/PROTOCOL.md, docs/WEB_DEMO.md). */

/** `Player` plays the first three; samples of the others are the caller's to decode. */
export type AudioFormat = "opus" | "ogg_opus" | "pcm_s16le" | "pcm_f32le" | "mulaw" | "alaw" | "mp3" | "aac" | "flac" | "wav";

/** What `session.update` asks for; what is left out is the gateway's default. */
export interface SessionOptions {
  format?: AudioFormat;
  /** 8,000 to 48,000 Hz. `Player` plays PCM at 48,000 only; Opus always decodes to it. */
  sample_rate?: number;
  frame_ms?: 10 | 20 | 40 | 60;
  /** 6,000 to 510,000 bits per second. */
  bitrate?: number;
  max_lead_ms?: number;
}

export interface ClientOptions extends SessionOptions {
  /** Where the gateway is: `https://host`, `wss://host/v1/tts/stream` or `host:port`. Default: where the page came from. */
  url?: string;
  /** API key; kept in memory only. */
  key?: string;
}

/** One word or phrase, and how it is said: by another spelling, or by phonemes of voices that take them. */
export interface Pronunciation {
  word: string;
  respelling?: string;
  ipa?: string;
  cmu?: string;
  pinyin?: string;
  /** BCP 47: only text in this language is meant. */
  language?: string;
}

/** Fields of `context.start`; what is left out is the gateway's default, and `timestamps` is `word`. */
export interface SpeechOptions {
  voice?: string;
  language?: string;
  instructions?: string;
  /** 0.5 to 2. */
  speed?: number;
  /** A factor of the voice's amplitude, 0 to 2. */
  volume?: number;
  seed?: number;
  /** How words are said (docs/READING.md), if the gateway's `features` list `lexicon`; at most 100. */
  lexicon?: Pronunciation[];
  chunking?: "sentence" | "clause" | "none";
  timestamps?: "none" | "segment" | "word";
}

export interface Limits {
  max_contexts: number;
  max_text_bytes: number;
  max_lead_ms: number;
  idle_s: number;
}

export type ConnectionState = "idle" | "connecting" | "greeting" | "ready" | "draining" | "waiting" | "closed";

export interface StateChange {
  state: ConnectionState;
  /** After a loss: the WebSocket close code, its reason, the wait before the next try, and whether it had worked. */
  code?: number;
  reason?: string;
  waitMs?: number;
  wasReady?: boolean;
}

export interface GatewayError {
  code: "bad_message" | "text_too_long" | "unknown_voice" | "too_many_contexts" | "unsupported"
    | "resume_failed" | "quota_exceeded" | "synthesis_failed" | "overloaded";
  message: string;
  context_id?: string;
  retryable: boolean;
  retry_after_ms?: number;
}

export interface AudioFrame {
  /** 1 Opus, 2 PCM of 16 bits, 3 Ogg page, 4 µ-law, 5 A-law, 6 PCM of floats. */
  codec: 1 | 2 | 3 | 4 | 5 | 6;
  channel: number;
  sequence: number;
  /** 48 kHz samples from the context's start, pre-skip included. */
  pts: number;
  /** 48 kHz samples of sound in this packet. */
  duration: number;
  /** 1 first of context, 2 last of segment, 4 last of context, 8 discontinuity. */
  flags: number;
  payload: Uint8Array<ArrayBuffer>;
}

export interface ContextStarted {
  context_id: string;
  channel: number;
  format: AudioFormat;
  sample_rate: number;
  /** 48 kHz samples at the start that are not sound. */
  preskip: number;
  /** A machine made the sound; absent if the gateway does not say. */
  provenance?: { synthetic: boolean; generator: string; digital_source_type: string };
}

/** Offsets of messages count code points; those of `SpokenText` are for `String.slice`. */
export interface SegmentMessage {
  segment_id: number;
  text: string;
  char_start: number;
  char_end: number;
  start_ms: number;
}

export interface WordsMessage {
  segment_id: number;
  words: { text: string; start_ms: number; end_ms: number }[];
  approximate: boolean;
}

export interface SpeechDone {
  /** `lost`: the client was closed, or no other connection will take the speech. */
  reason: "end" | "cancel" | "error" | "lost";
  audio_ms: number;
  /** What the listener heard; with `text_remaining` it is the text as written. */
  text_spoken: string;
  text_remaining: string;
}

interface Range {
  start: number;
  end: number;
}

/** Times are milliseconds of the speech's sound, but for `writtenAt`. */
export interface SpokenSegment extends Range {
  startMs: number;
  /** Null while it is being spoken. */
  endMs: number | null;
  words: readonly (Range & { startMs: number; endMs: number })[];
  /** When its last character had been written, on `performance.now()`'s clock; null before that. */
  writtenAt: number | null;
}

/** What was written and when each part of it is heard; offsets are for `String.slice`. */
export interface SpokenText {
  readonly text: string;
  readonly segments: readonly SpokenSegment[];
  /** What is being heard at a position of the sound, such as `track.heardMs`; `heard` ends what was heard whole. */
  at(ms: number): { segment: Range | null; word: Range | null; heard: number };
}

interface ClientEvents {
  state: CustomEvent<StateChange>;
  /** An error that belongs to no speech. */
  error: CustomEvent<GatewayError>;
  /** A ping's way there and back, about every 15 s. */
  roundtrip: CustomEvent<{ ms: number }>;
}

/** A connection that stays: it connects again with back-off, and speeches may be begun before it is there. */
export class GatewayClient extends EventTarget {
  /** What opens sockets, such as `WebSocket` of the package ws in Node.js before 22; null: the global one. */
  static WebSocket: (new (url: string, protocols: string[]) => WebSocket) | null;
  /** Throws if there is no `url`, or no `WebSocket`. */
  constructor(options?: ClientOptions);
  readonly url: string;
  readonly state: ConnectionState;
  /** Empty before the first `ready`. */
  readonly voices: readonly string[];
  readonly limits: Limits | null;
  speak(options?: SpeechOptions): Speech;
  /** Try now, without waiting for the back-off. */
  connect(): void;
  /** Leave for good. */
  close(): void;
  addEventListener<K extends keyof ClientEvents>(type: K, listener: (event: ClientEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

interface SpeechEvents {
  "context.started": CustomEvent<ContextStarted>;
  segment: CustomEvent<SegmentMessage>;
  words: CustomEvent<WordsMessage>;
  "segment.done": CustomEvent<{ segment_id: number; end_ms: number }>;
  audio: CustomEvent<AudioFrame>;
  error: CustomEvent<GatewayError>;
  /** A delta that was written, as it was given. */
  written: CustomEvent<string>;
  /** Exactly once, and last. */
  done: CustomEvent<SpeechDone>;
}

/** One utterance: text in, events out. Made by `GatewayClient.speak`. */
export class Speech extends EventTarget {
  private constructor();
  readonly id: string;
  readonly text: SpokenText;
  /** Never rejects: `reason` says how it ended. */
  readonly done: Promise<SpeechDone>;
  /** Send a piece of text, cut wherever your model cuts it; an empty one and null say nothing. Nothing once the speech is over. */
  write(delta: string | null | undefined): void;
  /** Write everything that a source gives, and its end. Rejects with what the source throws, once the speech is ended after what it gave. */
  writeAll(source: AsyncIterable<string | null | undefined> | Iterable<string | null | undefined>): Promise<void>;
  /** Have what was written spoken now. */
  flush(): void;
  /** No more text will come. */
  end(): void;
  /**
   * Stop at the gateway. With a `Player` use `Track.interrupt`, which also stops the sound here. Without `playedMs` the last
   * report or the gateway's clock says what was heard.
   */
  cancel(playedMs?: number): void;
  /** What was heard and is still held, about every 250 ms. `Player` does it. */
  report(playedMs: number, bufferedMs: number): void;
  addEventListener<K extends keyof SpeechEvents>(type: K, listener: (event: SpeechEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

/** State of the jitter buffer; samples at 48 kHz. */
export interface PlaybackReport {
  state: "filling" | "playing" | "resting" | "stopping" | "over";
  playedSamples: number;
  bufferedSamples: number;
  /** What the next start waits for. */
  targetMs: number;
  underruns: number;
}

/** A report, and the instant of the audio clock at which it holds, in seconds. */
export interface TimedReport extends PlaybackReport {
  contextTime: number;
}

/** Plays speeches one after the other through one `AudioContext`. */
export class Player extends EventTarget {
  constructor();
  /** Whether this page may use audio worklets (https or localhost); else sound is scheduled from the page's thread. */
  static readonly hasWorklets: boolean;
  /** What to ask the gateway for in this browser: Opus if it decodes here, else PCM. */
  static bestSession(): Promise<SessionOptions>;
  /** Null before `prepare`. */
  readonly context: AudioContext | null;
  /** What is heard, for drawing it; null before `prepare`. */
  readonly analyser: AnalyserNode | null;
  /** Wake the sound card: call it inside a click or a key press. */
  prepare(): Promise<void>;
  play(speech: Speech): Track;
  /** When an instant of the audio clock is heard, on `performance.now()`'s clock. */
  performanceTimeOf(contextTime: number): number;
}

interface TrackEvents {
  /** About every 20 ms, and at every change. */
  report: CustomEvent<TimedReport>;
  /** When the first sample is heard, on `performance.now()`'s clock. */
  firstsound: CustomEvent<number>;
  /** The browser's decoder failed; connect again with PCM. */
  undecodable: CustomEvent<Error>;
  over: Event;
}

/** One speech being heard. Made by `Player.play`. */
export class Track extends EventTarget {
  private constructor();
  readonly speech: Speech;
  /** Milliseconds of the speech that were heard, by the audio clock; never runs backwards. */
  readonly heardMs: number;
  /** Milliseconds that have come and are not heard yet. */
  readonly bufferedMs: number;
  readonly isOver: boolean;
  readonly latest: PlaybackReport;
  /** Barge-in: silent within 5 ms here, and cancelled at the gateway. Returns how much had been heard, in milliseconds. */
  interrupt(): number;
  addEventListener<K extends keyof TrackEvents>(type: K, listener: (event: TrackEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

/** Complete what a person typed to the WebSocket endpoint's URL. */
export function endpointUrl(url: string): string;
/** What to offer in the handshake. */
export function subprotocols(key: string): string[];
