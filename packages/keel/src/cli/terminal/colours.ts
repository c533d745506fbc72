import pc from 'picocolors';

const { NO_COLOR, FORCE_COLOR, TERM } = process.env;

/**
 * Colours where the output is a terminal, or FORCE_COLOR asks for them. picocolors alone would colour whatever
 * runs under CI, where scripts look for the very words in the output.
 */
export default pc.createColors(
  // A plain `false`: off a terminal `isTTY` is undefined, for which picocolors decides by itself.
  Boolean(!NO_COLOR && (FORCE_COLOR || (process.stdout.isTTY && TERM !== 'dumb'))),
);
