# A test's path is its name: tests/unit/proto/test_dns.c is unit.proto.dns, target
# test_unit_proto_dns.
pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
set(NTA_TEST_SECONDS 120 CACHE STRING "Time that a unit test may take")
option(NTA_FUZZ "Build fuzz targets with libFuzzer (clang)" OFF)

# nta_unit_test(MODULE NAME [LIBS ...]): tests/unit/MODULE/test_NAME.c, linked with the module.
function(nta_unit_test module name)
    cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
    set(target test_unit_${module}_${name})
    add_executable(${target} test_${name}.c)
    target_link_libraries(${target} PRIVATE nta_warnings nta_${module} PkgConfig::CMOCKA
        ${ARG_LIBS})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
    target_compile_definitions(${target} PRIVATE
        NTA_TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
        NTA_TEST_BINARY_DIR="${CMAKE_CURRENT_BINARY_DIR}")
    add_test(NAME unit.${module}.${name} COMMAND ${target})
    set_tests_properties(unit.${module}.${name} PROPERTIES LABELS unit TIMEOUT ${NTA_TEST_SECONDS})
endfunction()

# nta_fuzz_test(MODULE NAME): tests/fuzz/fuzz_NAME.c with its corpus tests/fuzz/corpus/NAME/.
# With NTA_FUZZ a libFuzzer program; without, a replay of the corpus, so that every build runs it.
function(nta_fuzz_test module name)
    set(target fuzz_${name})
    set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    if(NTA_FUZZ)
        add_executable(${target} fuzz_${name}.c)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        set(run ${target} -runs=0 ${corpus})
    else()
        add_executable(${target} fuzz_${name}.c replay.c)
        set(run ${target} ${corpus})
    endif()
    target_link_libraries(${target} PRIVATE nta_warnings nta_${module})
    target_compile_definitions(${target} PRIVATE NTA_TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME fuzz.${name} COMMAND ${run})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()
