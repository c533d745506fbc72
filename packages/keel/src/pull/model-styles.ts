/** How models are defined: `sequelize.define`, a class with `init`, or a class with decorators. */
export type ModelStyle = (typeof MODEL_STYLES)[number];

export const MODEL_STYLES = ['define', 'class', 'decorators'] as const;
export const MODEL_LANGUAGES = ['javascript', 'typescript'] as const;

/** What a person asks for in place of what the folder shows. */
export interface AskedStyle {
  readonly style?: ModelStyle;
  readonly language?: (typeof MODEL_LANGUAGES)[number];
}
