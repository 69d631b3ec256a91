# Run in every build: writes OUTPUT from TEMPLATE with the commit of SOURCE, and touches it only where that
# changed. Without git, or outside a repository, the commit is "unknown".
set(HANDOFF_COMMIT unknown)
set(HANDOFF_DIRTY false)
find_program(git git)
if(git)
  execute_process(COMMAND "${git}" -C "${SOURCE}" rev-parse --verify HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(HANDOFF_COMMIT ${commit})
    execute_process(COMMAND "${git}" -C "${SOURCE}" status --porcelain
      OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(changes)
      set(HANDOFF_DIRTY true)
    endif()
  endif()
endif()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
