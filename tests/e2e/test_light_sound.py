"""The light encoding of a song in a real browser: the same moments as the FLAC, and it alone comes over the network."""

from typing import Any

import pytest

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


DEAF = "HTMLMediaElement.prototype.canPlayType = () => '';"  # as Safari before 18.4
# A decoder that leaves the encoder's delay in.
LATE = """
const decodeInStep = BaseAudioContext.prototype.decodeAudioData;
BaseAudioContext.prototype.decodeAudioData = async function (file) {
  const isOgg = new DataView(file).getUint32(0) === 0x4f676753;
  const right = await decodeInStep.call(this, file);
  if (!isOgg) return right;
  const late = this.createBuffer(right.numberOfChannels, right.length + 312, right.sampleRate);
  for (let n = 0; n < right.numberOfChannels; n++) late.copyToChannel(right.getChannelData(n), n, 312);
  return late;
};
"""


@pytest.mark.parametrize(
    ("browser", "wanted"),
    [("", ["audio/light"]), (DEAF, ["audio"]), (LATE, ["audio/light", "audio"])],
    ids=["in step", "no Opus", "late"],
)
def test_the_page_loads_the_light_backing_unless_the_browser_would_move_it(
    visit: Visit, ten_seconds: str, sung: Sing, browser: str, wanted: list[str]
) -> None:
    show = visit(sung(TEN_SECONDS, 0.0), init_script=browser)
    asked: list[str] = []
    show.page.on("request", lambda request: asked.append(request.url.partition(f"/api/songs/{ten_seconds}/")[2]))
    show.open()
    show.choose(ten_seconds)
    show.check_microphone()
    assert [url for url in asked if url.startswith("audio")] == wanted
