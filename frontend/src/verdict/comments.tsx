import type { Juror } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { JurorFace } from "../ui/juror-face";
import { punchline } from "../ui/punchline";

const GRAMMAR = "grammar"; // told_by where no model found the words

/** All that was said, to read in one's own time. */
export function Comments({ jury }: { jury: readonly Juror[] }) {
  const { verdict } = useTexts();
  return (
    <section className="grid gap-4">
      <h2 className="text-4xl">{verdict.comments}</h2>
      <ul className="grid gap-3 lg:grid-cols-3">
        {jury.map((juror) => (
          <Comment key={juror.persona} juror={juror} />
        ))}
      </ul>
    </section>
  );
}

function Comment({ juror }: { juror: Juror }) {
  const { verdict } = useTexts();
  const [first, rest] = punchline(juror.comment);
  return (
    <li className={`grid content-start gap-3 rounded-3xl border-l-4 bg-velvet p-5 ${juror.vote ? "border-gold" : "border-miss"}`}>
      <h3 className="flex items-center gap-3 text-3xl">
        <JurorFace persona={juror.persona} mood={juror.vote ? "yes" : "no"} className="-my-3 w-16" />
        <span className="flex-1">{juror.name}</span>
        <span className={juror.vote ? "text-gold" : "text-miss"}>{juror.vote ? `✓ ${verdict.yes}` : `✕ ${verdict.no}`}</span>
      </h3>
      <p className="wrap-anywhere">
        <strong className="block text-xl leading-snug font-semibold">{first}</strong>
        {rest && <span className="mt-2 block text-dim">{rest}</span>}
      </p>
      {juror.toldBy && (
        <p className="text-base text-dim wrap-anywhere">{juror.toldBy === GRAMMAR ? verdict.ownWords : verdict.wordsBy(juror.toldBy)}</p>
      )}
    </li>
  );
}
