/** The style sheet of a view: light and dark, wide and narrow. Pages change it by the properties and parts. */
export const STYLE: string = `
:host {
  display: block;
  --ink: var(--engraft-ink, light-dark(#1c2126, #e6eaee));
  --muted: var(--engraft-muted, light-dark(#56606a, #a3adb7));
  --line: var(--engraft-line, light-dark(#c3cad1, #434c55));
  --raised: var(--engraft-raised, light-dark(#f3f5f7, #20262c));
  --accent: var(--engraft-accent, light-dark(#0b67a8, #5cb3ef));
  --on-accent: var(--engraft-on-accent, light-dark(#ffffff, #10151a));
  --wrong: var(--engraft-wrong, light-dark(#a83e00, #ff8f4d));
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.view { display: grid; gap: 1rem; color: var(--ink); font: inherit; line-height: 1.5; overflow-wrap: anywhere; }
h1, h2, p, ul, ol { margin: 0; }
h1, h2 { font-size: 1.6rem; line-height: 1.25; text-wrap: balance; unicode-bidi: isolate; }
.quality { font-size: 1.05rem; }
.note, .file, .about { color: var(--muted); font-size: .9rem; }
.note:empty { display: none; }
.slot:empty { margin-top: -1rem; }
.failure { padding: .6rem .9rem; border: 1px solid var(--wrong); border-radius: 6px; color: var(--wrong); white-space: pre-line; }
.field { display: grid; gap: .4rem; }
.caption { font-weight: 600; }
.caption output { font-weight: 400; color: var(--muted); }
textarea {
  width: 100%; padding: .7rem .8rem; resize: vertical; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: 6px;
}
textarea::placeholder { color: var(--muted); opacity: 1; }
:focus-visible, .chooser:focus-visible + .button { outline: 3px solid var(--accent); outline-offset: 2px; }
.zone {
  display: grid; justify-items: center; gap: .6rem; padding: 1.75rem 1rem; text-align: center;
  border: 2px dashed var(--line); border-radius: 10px;
}
.zone.over { border-color: var(--accent); background: var(--raised); }
.chooser { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.button {
  display: inline-block; padding: .5rem 1.1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 0; border-radius: 6px;
}
.camera { display: grid; justify-items: center; gap: .75rem; margin-top: .25rem; }
.camera .button { color: var(--accent); background: transparent; border: 1px solid currentcolor; }
video { display: block; width: min(100%, 24rem); border-radius: 10px; background: #000; }
video[hidden] { display: none; }
.answer { display: grid; gap: .6rem; padding: 1rem 1.1rem; background: var(--raised); border-radius: 10px; }
.label { font-size: 1.4rem; font-weight: 700; line-height: 1.25; unicode-bidi: isolate; }
.label.unsure { color: var(--muted); font-weight: 600; }
.bars { display: grid; gap: .5rem; padding: 0; list-style: none; }
.bars li { display: grid; grid-template-columns: 1fr auto; gap: .15rem .75rem; font-size: .95rem; }
.bars .name { unicode-bidi: isolate; }
.bars .share { color: var(--muted); font-variant-numeric: tabular-nums; }
.track { grid-column: 1 / -1; height: .5rem; background: color-mix(in srgb, var(--line) 55%, transparent); border-radius: 99px; overflow: hidden; }
.filled { display: block; height: 100%; width: calc(var(--share) * 100%); min-width: 2px; background: var(--accent); border-radius: 99px; }
.answer.unsure .filled { background: var(--muted); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: .75rem; padding: 0; list-style: none; }
.cards:empty { display: none; }
.cards > li { display: grid; gap: .6rem; align-content: start; padding: .75rem; background: var(--raised); border-radius: 10px; }
.cards img { width: 100%; height: 11rem; object-fit: contain; border-radius: 6px; }
.cards .answer { padding: 0; }
.cards .label { font-size: 1.15rem; }
input[type="range"] { width: 100%; margin: .2rem 0; accent-color: var(--accent); }
details > :not(summary) { margin-top: .5rem; }
summary { cursor: pointer; color: var(--accent); width: fit-content; font-size: .9rem; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 600; }
td { text-align: right; }
tbody th { unicode-bidi: isolate; }
@media (prefers-reduced-motion: no-preference) { .filled { transition: width .15s; } }
@media (forced-colors: active) { .filled { background: Highlight; forced-color-adjust: none; } }
`;
