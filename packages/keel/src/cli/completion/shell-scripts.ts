/** A shell that keel writes a script for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/**
 * What makes each shell ask keel how a line can go on. Where keel knows nothing, the shell offers files.
 *
 * No library: those for Node (omelette, @bomb.sh/tab) take a name with a colon in it apart in bash, and all of
 * keel's commands have one.
 */
export const SHELL_SCRIPTS: Readonly<Record<Shell, string>> = {
  // macOS has bash 3.2, which lacks compopt and mapfile.
  bash: `# Completion of keel for bash. In ~/.bashrc:
#   eval "$(keel completion bash)"
_keel() {
  local line="\${COMP_LINE:0:COMP_POINT}" word breaks='' before='' value
  COMPREPLY=()
  word="\${line##*[[:space:]]}"
  # bash replaces only what stands after the last of the characters that break words.
  if [[ $COMP_WORDBREAKS == *:* ]]; then breaks+=:; fi
  if [[ $COMP_WORDBREAKS == *=* ]]; then breaks+='='; fi
  if [[ -n $breaks ]]; then before="\${word%"\${word##*[$breaks]}"}"; fi
  while IFS=$'\\t' read -r value _; do
    COMPREPLY+=("\${value#"$before"}")
  done < <("$1" completion bash "$line" 2>/dev/null)
}
complete -o default -F _keel keel
`,
  zsh: `#compdef keel
# Completion of keel for zsh. In ~/.zshrc, after compinit:
#   eval "$(keel completion zsh)"
_keel() {
  local -a found
  local value text
  while IFS=$'\\t' read -r value text; do
    found+=("\${value//:/\\\\:}:$text")
  done < <("\${words[1]}" completion zsh "\${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)
  if (( $#found )); then _describe -V keel found; else _files; fi
}
if [[ $funcstack[1] == _keel ]]; then _keel "$@"; else compdef _keel keel; fi
`,
  fish: `# Completion of keel for fish. In ~/.config/fish/config.fish:
#   keel completion fish | source
function __keel_complete
  set -l words (commandline -opc)
  set -l found ($words[1] completion fish (string join ' ' -- $words (commandline -ct)) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c keel -k -f -a '(__keel_complete)'
`,
};
