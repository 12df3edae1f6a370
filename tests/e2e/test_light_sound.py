"""The light encoding of a song in a real browser: the same moments as the FLAC, and it alone comes over the network."""

from typing import Any

from playwright.sync_api import expect

from tests.e2e.conftest import Sing, Visit
from tests.support.short_song import TEN_SECONDS

OFF_AT_MOST_S = 0.005
# Both sounds as the page decodes them: their lengths, and the lag at which they go together best.
COMPARE = """
async (songId) => {
  const context = new OfflineAudioContext(2, 48000, 48000);
  const decode = async (url) => context.decodeAudioData(await (await fetch(url)).arrayBuffer());
  const base = `/api/songs/${songId}/audio`;
  const [whole, light] = [await decode(base), await decode(`${base}/light`)];
  const [one, other] = [whole.getChannelData(0), light.getChannelData(0)];
  const products = (lag, from, to) => {
    let sum = 0;
    for (let place = from; place < to; place++) sum += one[place] * other[place + lag];
    return sum;
  };
  const lags = [];
  for (const second of [1, 4, 7]) {
    const from = second * 48000;
    let [best, most] = [0, -Infinity];
    for (let lag = -960; lag <= 960; lag++) {
      const sum = products(lag, from, from + 24000);
      if (sum > most) [best, most] = [lag, sum];
    }
    lags.push(best / 48000);
  }
  return { lags, wholeS: whole.duration, lightS: light.duration };
}
"""


def test_a_browser_decodes_the_light_backing_in_step_with_the_flac(visit: Visit, ten_seconds: str) -> None:
    show = visit()
    show.open()
    found: dict[str, Any] = show.page.evaluate(COMPARE, ten_seconds)
    assert all(abs(lag_s) <= OFF_AT_MOST_S for lag_s in found["lags"]), found
    assert abs(found["wholeS"] - found["lightS"]) <= 0.001, found


def test_the_page_loads_the_light_backing_and_falls_back_to_the_whole_one(
    visit: Visit, ten_seconds: str, sung: Sing
) -> None:
    whole, light = f"/api/songs/{ten_seconds}/audio", f"/api/songs/{ten_seconds}/audio/light"
    assert loaded(visit, ten_seconds, sung, init_script="") == [light]
    deaf = "HTMLMediaElement.prototype.canPlayType = () => '';"  # as Safari before 18.4
    assert loaded(visit, ten_seconds, sung, init_script=deaf) == [whole]
    late = """
      const decode = BaseAudioContext.prototype.decodeAudioData;
      BaseAudioContext.prototype.decodeAudioData = async function (file) {
        const isOgg = new DataView(file).getUint32(0) === 0x4f676753;
        const right = await decode.call(this, file);
        if (!isOgg) return right;
        const moved = this.createBuffer(right.numberOfChannels, right.length + 312, right.sampleRate);
        for (let n = 0; n < right.numberOfChannels; n++) moved.copyToChannel(right.getChannelData(n), n, 312);
        return moved;
      };
    """  # a decoder that leaves the encoder's delay in
    assert loaded(visit, ten_seconds, sung, init_script=late) == [light, whole]


def loaded(visit: Visit, song_id: str, sung: Sing, init_script: str) -> list[str]:
    """Which sounds of the song the page asked for until it could start."""
    show = visit(sung(TEN_SECONDS, 0.0), init_script=init_script)
    asked: list[str] = []
    show.page.on("request", lambda request: asked.append(request.url.removeprefix(show.house.url.rstrip("/"))))
    show.open()
    show.choose(song_id)
    show.check_microphone()
    expect(show.find("start")).to_be_enabled()
    return [url for url in asked if url.startswith(f"/api/songs/{song_id}/audio")]
