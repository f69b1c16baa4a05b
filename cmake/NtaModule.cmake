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

# nta_program(NAME COMPONENT X [DESTINATION FOLDER] SOURCES a.c [LIBS ...]): an executable over the
# whole of lib, in the Debian package nta-X (without it: what stands behind "nta-" in its name).
function(nta_program name)
    cmake_parse_arguments(ARG "" "COMPONENT;DESTINATION" "SOURCES;LIBS" ${ARGN})
    if(NOT ARG_COMPONENT)
        string(REGEX REPLACE "^nta-" "" ARG_COMPONENT ${name})
    endif()
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE nta_warnings nta_hardening nta_pipeline nta_search
        ${ARG_LIBS})
    target_link_options(${name} PRIVATE -pie)
    if(NOT ARG_DESTINATION)
        set(ARG_DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
    install(TARGETS ${name} DESTINATION ${ARG_DESTINATION} COMPONENT ${ARG_COMPONENT})
endfunction()

# The modules that a module may include, whatever the way, itself too.
function(nta_modules_of name ret_modules)
    set(modules ${${ret_modules}})
    if(NOT name IN_LIST modules)
        list(APPEND modules ${name})
        foreach(row IN LISTS NTA_LAYERS)
            if(row MATCHES "^${name}:([^|]*)")
                string(STRIP "${CMAKE_MATCH_1}" edges)
                separate_arguments(edges)
                foreach(edge IN LISTS edges)
                    nta_modules_of(${edge} modules)
                endforeach()
            endif()
        endforeach()
    endif()
    set(${ret_modules} ${modules} PARENT_SCOPE)
endfunction()

# nta_static_program(NAME MODULE SOURCES a.c ARCHIVES libx.a): one file that runs anywhere: linked
# with MODULE and with what that may include, and with these libraries alone, since of the others it
# calls nothing.  Not with sanitizers, which need to be shared libraries.
function(nta_static_program name module)
    cmake_parse_arguments(ARG "" "" "SOURCES;ARCHIVES" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    nta_modules_of(${module} modules)
    list(TRANSFORM modules PREPEND nta_)
    list(TRANSFORM modules REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE files)
    foreach(archive IN LISTS ARG_ARCHIVES)
        string(MAKE_C_IDENTIFIER NTA_${archive} found)
        find_library(${found} ${archive} REQUIRED)
        list(APPEND files ${${found}})
    endforeach()
    add_dependencies(${name} ${modules})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/lib)
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
    target_link_libraries(${name} PRIVATE nta_warnings nta_hardening nta_instrument
        -Wl,--start-group ${files} -Wl,--end-group m)
    set_property(TARGET ${name} PROPERTY POSITION_INDEPENDENT_CODE) # of its own kind
    target_compile_options(${name} PRIVATE -fPIE)
    target_link_options(${name} PRIVATE -static-pie -s)
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${files})
    string(REGEX REPLACE "^nta-" "" component ${name})
    install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${component})
endfunction()
