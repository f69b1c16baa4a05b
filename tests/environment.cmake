# What ctest sets for all tests: commands remember no heads of stores that tests made, nor are told
# of some that the developer's own have seen (lib/search/remember/seen.h).
set(ENV{XDG_STATE_HOME} /dev/null)
