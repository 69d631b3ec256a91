# Run in every build: writes into OUTPUT which commit SOURCE stands on, and whether SOURCE holds anything that this
# commit does not (an untracked file may be a user's own queue). scripts/environment.py records the same for a run.
# Without git, or outside a repository, both are null.
#
# It is a file beside the program, not a part of it: a commit does not change what is measured, and
# `scripts/bench --resume` continues as long as the program is the same.
set(commit null)
set(dirty null)
find_program(git git)
if(git)
  execute_process(COMMAND "${git}" -C "${SOURCE}" rev-parse --verify HEAD
    OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit "\"${head}\"")
    set(dirty false)
    execute_process(COMMAND "${git}" -C "${SOURCE}" status --porcelain
      OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(changes)
      set(dirty true)
    endif()
  endif()
endif()
file(WRITE "${OUTPUT}" "{\"commit\": ${commit}, \"dirty\": ${dirty}}\n")
