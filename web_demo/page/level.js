/** How loud some samples look. Pure. */

/** Speech is some -20 dB below full scale, its pauses below -50: what lies between fills the height. */
const QUIETEST_DB = -50;
const LOUDEST_DB = -10;

/**
 * @param {Float32Array} samples from -1 to 1
 * @returns {number} from 0, silence, to 1, as loud as speech gets; in equal steps of decibels, as an ear hears it
 */
export function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power); // minus infinity for silence
  return Math.min(1, Math.max(0, (decibels - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
}
