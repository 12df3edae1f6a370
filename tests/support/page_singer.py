"""A singer inside the page, in the microphone's place: hears the song and sings with it.

Chromium's fake microphone plays a file from the moment it is opened. On a busy machine it and the fake loudspeaker lose
steps of 10 ms, each for itself, and the answer to getUserMedia comes late: a file that was started by the wall clock
then meets the song anywhere within half a second. A singer does not, and neither does this one: voice and song are
played by one AudioContext, so that the voice stands where the song is heard, to the sample.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext

VOICE_PATH = "/__voice.wav"


@dataclass(frozen=True, slots=True)
class PageSinger:
    """The voice's file begins at song second 0."""

    path: Path

    def enter(self, context: BrowserContext) -> None:
        """From the next page on, getUserMedia answers with this singer."""
        context.route(f"**{VOICE_PATH}", lambda route: route.fulfill(path=self.path, content_type="audio/wav"))
        context.add_init_script(SCRIPT.replace("VOICE_PATH", VOICE_PATH))


def write_page_singer(path: Path, voice: NDArray[np.float64], sample_rate_hz: int) -> PageSinger:
    """`voice` is mono and begins at song second 0."""
    soundfile.write(path, voice, sample_rate_hz, subtype="PCM_16")
    return PageSinger(path)


# Only what is announced a second before is a song to sing with: an excerpt in the wings starts at once.
SCRIPT = """
(() => {
  const COUNT_IN_S = 1;
  let stage = null; // where the song is played
  const construct = (Context, options) => (stage = new Context(...options));
  window.AudioContext = new Proxy(window.AudioContext, { construct });
  let mouth = null;
  let voice = null;
  navigator.mediaDevices.getUserMedia = async () => {
    const answer = await fetch("VOICE_PATH");
    voice = await stage.decodeAudioData(await answer.arrayBuffer());
    mouth = new MediaStreamAudioDestinationNode(stage, { channelCount: 1 });
    const breath = new ConstantSourceNode(stage, { offset: 0 }); // a microphone never stops: a mouth without input does
    breath.connect(mouth);
    breath.start();
    const [track] = mouth.stream.getAudioTracks();
    const settings = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
    track.getSettings = () => ({ ...settings, sampleRate: stage.sampleRate });
    window.__microphoneOpenedEpochMs = performance.timeOrigin + performance.now();
    return mouth.stream;
  };
  const { start, stop } = AudioBufferSourceNode.prototype;
  const sung = new Map(); // the song's sources, and who sings with each
  AudioBufferSourceNode.prototype.start = function (when = 0, fromS = 0, ...length) {
    start.call(this, when, fromS, ...length);
    if (!mouth || when - stage.currentTime < COUNT_IN_S) return;
    if ([...sung.values()].some((one) => one.when === when)) return; // the guide beside the backing
    const singer = new AudioBufferSourceNode(stage, { buffer: voice });
    singer.connect(mouth);
    start.call(singer, when + (stage.outputLatency || stage.baseLatency), fromS);
    sung.set(this, { when, singer });
  };
  AudioBufferSourceNode.prototype.stop = function (...when) {
    stop.apply(this, when);
    sung.get(this)?.singer.stop();
    sung.delete(this);
  };
})();
"""
