/**
 * From the gateway's frames to sound, for those who play it themselves: one decoder for each format of `context.started`.
 *
 *     let decoder;
 *     speech.addEventListener("context.started", ({ detail }) => {
 *       decoder = new DECODERS[detail.format](detail.preskip, (samples) => queue.push(samples), console.error);
 *     });
 *     speech.addEventListener("audio", ({ detail }) => decoder.decode(detail));
 *     speech.addEventListener("done", () => decoder.mark(() => queue.finish()));
 *
 * `samples` is a Float32Array at 48 kHz, mono. Opus needs the browser's WebCodecs; PCM decodes everywhere.
 */

import { OggDecoder } from "./ogg_decoder.js";
import { OpusDecoder } from "./opus_decoder.js";
import { PcmDecoder } from "./pcm_decoder.js";

export { Codec, Flags, SoundTrimmer, unpackFrame } from "./audio_frames.js";
export { canDecodeOpus } from "./opus_decoder.js";
export { OggDecoder, OpusDecoder, PcmDecoder };

/** What decodes each format that a browser asks for; the gateway has others, for telephones and files. */
export const DECODERS = Object.freeze({ opus: OpusDecoder, ogg_opus: OggDecoder, pcm_s16le: PcmDecoder });
