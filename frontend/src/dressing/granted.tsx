import { useTexts } from "../i18n/language";
import type { MicReport } from "../live/microphone";

/** What getSettings() really gave, in words, with a warning where it hurts the voice. */
export function Granted({ report }: { report: MicReport }) {
  const { dressing, common } = useTexts();
  const processing = [
    report.echoCancellation && dressing.echo,
    report.noiseSuppression && dressing.noise,
    report.autoGainControl && dressing.gain,
  ].filter((words) => words !== false);
  return (
    <section className="grid gap-1 text-base">
      <h2 className="font-text text-base font-semibold text-dim">{dressing.granted}</h2>
      {processing.length === 0 ? <p>✓ {dressing.raw}</p> : <p className="text-miss">▲ {dressing.processed(processing.join(", "))}</p>}
      {report.route === "bluetooth" && <p className="text-miss">▲ {dressing.bluetooth}</p>}
      <p className="truncate text-dim">
        {report.label}
        {report.sampleRateHz > 0 && ` · ${dressing.format(common.number(report.sampleRateHz / 1000), report.channelCount)}`}
      </p>
    </section>
  );
}
