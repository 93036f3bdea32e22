import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  DECAY_MS_PER_S,
  FADE_MS,
  LARGEST_TARGET_MS,
  PlaybackQueue,
  REPORT_MS,
  START_MS,
} from "../../../web_demo/client/playback_queue.js";

const BLOCK = 128; // what a sound card asks for at a time
const FADE = FADE_MS * 48;

/** Constant sound: what the queue does to its level is seen at once. @param {number} ms */
const sound = (ms, level = 1) => new Float32Array(ms * 48).fill(level);

/**
 * Read some milliseconds, block by block, until then or until nothing more will come.
 *
 * @param {PlaybackQueue} queue
 * @param {number} ms
 */
function listen(queue, ms, block = BLOCK) {
  const heard = [];
  for (let read = 0; read < ms * 48; read += block) {
    const samples = new Float32Array(block).fill(NaN); // what is not written is seen
    queue.read(samples);
    heard.push(...samples);
  }
  return heard;
}

/** @param {number[]} samples */
const loudestStep = (samples) => samples.reduce((most, value, i) => Math.max(most, i ? Math.abs(value - samples[i - 1]) : 0), 0);

describe("starting", () => {
  test("is silent until the start is gathered, and then plays", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(START_MS - 1));
    assert.ok(listen(queue, 100).every((sample) => sample === 0));

    queue.push(sound(1));
    assert.ok(listen(queue, 40).some((sample) => sample === 1));
  });

  test("does not wait for more than there is: a short sentence begins when it is whole", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(20));
    queue.endSegment();
    listen(queue, 40);
    assert.equal(queue.playedSamples, 20 * 48);
  });

  test("waits while another utterance is heard", () => {
    const queue = new PlaybackQueue({ isHeld: true });
    queue.push(sound(500));
    listen(queue, 100);
    assert.equal(queue.playedSamples, 0);

    queue.release();
    listen(queue, 100);
    assert.ok(queue.playedSamples > 0);
  });

  test("begins from what an earlier utterance learned", () => {
    const queue = new PlaybackQueue({ targetMs: 200 });
    queue.push(sound(199));
    listen(queue, 20);
    assert.equal(queue.playedSamples, 0);
  });
});

describe("playing", () => {
  test("gives every sample once and in order, however it came and is read", () => {
    for (const [chunk, block] of [[960, 128], [7, 128], [5000, 13], [333, 480]]) {
      const source = Float32Array.from({ length: 20_000 }, (_, i) => i + 1);
      const queue = new PlaybackQueue();
      for (let i = 0; i < source.length; i += chunk) queue.push(source.slice(i, i + chunk));
      queue.finish();
      const heard = listen(queue, 600, block).slice(0, source.length);
      assert.deepEqual(heard.slice(FADE), [...source.subarray(FADE)]); // after the first fade nothing is changed
      assert.equal(queue.state, "over");
    }
  });

  test("fades in over 5 ms", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(200));
    const heard = listen(queue, 50);
    assert.ok(Math.abs(heard[FADE / 2 - 1] - 0.5) < 1e-6);
    assert.equal(heard[FADE], 1);
    assert.ok(loudestStep(heard) <= 1.01 / FADE);
  });

  test("plays a finished utterance to its last sample", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(200));
    queue.finish();
    const heard = listen(queue, 300);
    assert.equal(heard[200 * 48 - 1], 1);
    assert.equal(heard[200 * 48], 0);
    assert.equal(queue.state, "over");
    assert.equal(queue.underruns, 0);
  });

  test("is over at once if it finishes with nothing to play", () => {
    const queue = new PlaybackQueue();
    queue.finish();
    assert.equal(queue.state, "over");
  });
});

describe("running dry", () => {
  test("inside a sentence is an underrun, heard as a fade and not as a click", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(100));
    const heard = listen(queue, 200);
    assert.equal(queue.underruns, 1);
    assert.equal(queue.state, "filling");
    assert.equal(queue.playedSamples, 100 * 48); // nothing is lost
    assert.ok(loudestStep(heard) <= 1.01 / FADE);
  });

  test("makes the next start wait for twice as much, up to a limit", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(100));
    listen(queue, 200);
    assert.equal(queue.targetMs, 2 * START_MS);
    queue.push(sound(2 * START_MS - 1));
    listen(queue, 100);
    assert.equal(queue.playedSamples, 100 * 48);

    for (let again = 0; again < 9; again++) {
      queue.push(sound(LARGEST_TARGET_MS));
      listen(queue, 2 * LARGEST_TARGET_MS);
    }
    assert.equal(queue.targetMs, LARGEST_TARGET_MS);
  });

  test("stutters once and not for each packet that trickles in", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(100));
    listen(queue, 120);
    for (let packet = 0; packet < 7; packet++) {
      queue.push(sound(20));
      listen(queue, 20);
    }
    assert.equal(queue.underruns, 1);
    assert.equal(queue.playedSamples, 100 * 48);
  });

  test("is forgotten slowly while all goes well", () => {
    const queue = new PlaybackQueue({ targetMs: 160 });
    queue.push(sound(3000));
    queue.endSegment();
    listen(queue, 1000);
    assert.ok(Math.abs(queue.targetMs - (160 - DECAY_MS_PER_S)) < 0.1);

    const long = new PlaybackQueue({ targetMs: START_MS + 1 });
    long.push(sound(2000));
    listen(long, 1500);
    assert.equal(long.targetMs, START_MS);
  });

  test("after a whole sentence is the writer's pause: no underrun, no fade, and no longer wait", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(100));
    queue.endSegment();
    const heard = listen(queue, 200);
    assert.equal(heard[100 * 48 - 1], 1);
    assert.equal(queue.state, "resting");
    assert.equal(queue.underruns, 0);
    assert.equal(queue.targetMs, START_MS);

    queue.push(sound(100));
    listen(queue, 50);
    assert.equal(queue.state, "playing");
  });

  test("is heard out: what comes during the last 5 ms lifts the sound again, without a step", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(100));
    const before = listen(queue, 98, 48);
    queue.push(sound(100));
    const after = listen(queue, 50, 48);
    assert.equal(queue.underruns, 0);
    assert.ok(loudestStep([...before, ...after]) <= 1.01 / FADE);
    assert.equal(after[FADE], 1);
  });
});

describe("stopping", () => {
  test("is silent within 5 ms, without a click, whatever else comes", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(1000));
    const before = listen(queue, 100);
    queue.stop();
    queue.push(sound(1000));
    const after = listen(queue, 100);
    assert.ok(loudestStep([...before, ...after]) <= 1.01 / FADE);
    assert.ok(after.slice(FADE).every((sample) => sample === 0));
    assert.equal(queue.state, "over");

    queue.push(sound(1000));
    queue.finish();
    assert.ok(listen(queue, 100).every((sample) => sample === 0));
    assert.equal(queue.bufferedSamples, 0);
  });

  test("before the first sound is over at once", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(50));
    queue.stop();
    assert.equal(queue.state, "over");
    assert.ok(listen(queue, 50).every((sample) => sample === 0));
  });
});

describe("reports", () => {
  test("come at every change and else every 20 ms", () => {
    const queue = new PlaybackQueue();
    /** @type {string[]} */
    const states = [];
    /** @param {number} ms */
    const read = (ms) => {
      for (let i = 0; i < ms * 48; i += BLOCK) {
        queue.read(new Float32Array(BLOCK));
        const report = queue.takeReport();
        if (report) states.push(report.state);
      }
    };
    read(10 * REPORT_MS);
    assert.ok(Math.abs(states.length - 10) <= 1);

    states.length = 0;
    queue.push(sound(100));
    queue.endSegment();
    read(130);
    assert.equal(states[0], "playing");
    assert.equal(states.at(-1), "resting");
    queue.finish();
    read(10);
    assert.equal(states.at(-1), "over");
  });

  test("tell what was played and what is left", () => {
    const queue = new PlaybackQueue();
    queue.push(sound(100));
    queue.read(new Float32Array(480));
    assert.deepEqual(queue.takeReport(), {
      state: "playing", playedSamples: 480, bufferedSamples: 4320, targetMs: START_MS, underruns: 0,
    });
  });
});

test("orders through a port are the methods by name", () => {
  const queue = new PlaybackQueue({ isHeld: true });
  queue.obey({ do: "push", samples: sound(100) });
  queue.obey({ do: "release" });
  queue.obey({ do: "endSegment" });
  listen(queue, 200);
  assert.equal(queue.state, "resting");
  queue.obey({ do: "finish" });
  assert.equal(queue.state, "over");
  assert.doesNotThrow(() => queue.obey({ do: "stop" }));
});
