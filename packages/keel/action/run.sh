#!/usr/bin/env bash
# Runs the commands of the action in turn, and ends at the first that fails, with its exit code.
set -uo pipefail

summary="${GITHUB_STEP_SUMMARY:-/dev/null}"
output="${GITHUB_OUTPUT:-/dev/null}"

finish() {
  echo "exit-code=$1" >>"$output"
  exit "$1"
}

case "${INPUT_COMMAND:-check}" in
  check) lines=('db:create --if-not-exists' 'db:migrate' 'db:check') ;;
  migrate) lines=('db:migrate') ;;
  *) mapfile -t lines <<<"$INPUT_COMMAND" ;;
esac

flags=()
if [[ -n "${INPUT_ENV:-}" ]]; then flags+=(--env "$INPUT_ENV"); fi
if [[ -n "${INPUT_URL:-}" ]]; then flags+=(--url "$INPUT_URL"); fi

# In a monorepo the packages may be installed in a folder above.
folder="$PWD"
while [[ ! -e "$folder/node_modules/.bin/keel" ]]; do
  if [[ "$folder" == / ]]; then
    echo "::error title=keel::sequelize-keel is not installed in $PWD. Add it to the project, and run \"npm ci\" in a step before this one."
    finish 1
  fi
  folder="$(dirname "$folder")"
done

for line in "${lines[@]}"; do
  read -ra words <<<"$line"
  if [[ ${#words[@]} -eq 0 ]]; then continue; fi
  said="$(mktemp)"
  echo "::group::keel $line"
  "$folder/node_modules/.bin/keel" "${words[@]}" ${flags[@]+"${flags[@]}"} 2>&1 | tee "$said"
  code=${PIPESTATUS[0]}
  echo '::endgroup::'
  {
    printf '### `keel %s`: %s\n\n' "$line" "$([[ $code -eq 0 ]] && echo done || echo "exit code $code")"
    printf '````text\n'
    cat "$said"
    printf '````\n\n'
  } >>"$summary"
  rm -f "$said"
  if [[ $code -ne 0 ]]; then
    echo "::error title=keel $line::It ended with exit code $code; its output says why."
    finish "$code"
  fi
done
finish 0
