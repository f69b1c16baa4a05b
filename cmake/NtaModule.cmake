# nta_module(NAME SOURCES a.c b.c [LIBS PkgConfig::X ...])
#
# One folder under lib/ is one static library, target nta_NAME.  Its edges to other modules come
# from lib/LAYERS (what stands there before "|"), the same file that tests/check/layers.py holds the
# includes against.  LIBS are third-party libraries; they are linked PRIVATE, so that no other
# module sees their headers.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

file(STRINGS ${PROJECT_SOURCE_DIR}/lib/LAYERS NTA_LAYERS REGEX "^[a-z]+:")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lib/LAYERS)

function(nta_module name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
    set(target nta_${name})
    if(ARG_SOURCES)
        add_library(${target} STATIC ${ARG_SOURCES})
        target_link_libraries(${target}
            PRIVATE nta_warnings nta_hardening ${ARG_LIBS}
            PUBLIC nta_instrument Threads::Threads)
        set(scope PUBLIC)
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR}/lib)
    target_compile_definitions(${target} ${scope} _GNU_SOURCE)
    foreach(row IN LISTS NTA_LAYERS)
        if(row MATCHES "^${name}:([^|]*)")
            string(STRIP "${CMAKE_MATCH_1}" edges)
            separate_arguments(edges)
            foreach(edge IN LISTS edges)
                target_link_libraries(${target} ${scope} nta_${edge})
            endforeach()
        endif()
    endforeach()
endfunction()

# nta_program(NAME SOURCES a.c [LIBS ...]): an executable over the whole of lib.
function(nta_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE nta_warnings nta_hardening nta_pipeline nta_search
        ${ARG_LIBS})
    target_link_options(${name} PRIVATE -pie)
    install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
