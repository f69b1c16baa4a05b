# Debian packages of what is built, one a component: cpack -G DEB, or ./bootstrap package.
#
# nta-daemon: ntad and its units; nta-tools: nta, for any machine that reads records; nta-console:
# its page as a service; nta-verify: for whoever is shown a case; nta-doc: the pages.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME nta)
set(CPACK_PACKAGE_VENDOR "The NTA project")
set(CPACK_PACKAGE_CONTACT "NTA maintainers <maintainers@nta.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "network traffic analyzer: who downloaded what from where")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(nta_packaging ${PROJECT_SOURCE_DIR}/packaging)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/packaging)
set(nta_packages "")

# nta_package(COMPONENT SUMMARY TEXT [DEPENDS x] [RECOMMENDS x] [SCRIPTS file...] [ALL]): its
# copyright and change log are made, its scripts lie in packaging/; ALL: for every machine.
function(nta_package component summary text)
    cmake_parse_arguments(ARG "ALL" "DEPENDS;RECOMMENDS" "SCRIPTS" ${ARGN})
    string(TOUPPER ${component} upper)
    set(folder ${PROJECT_BINARY_DIR}/packaging/${component})
    set(doc ${CMAKE_INSTALL_DATADIR}/doc/nta-${component})
    install(FILES ${nta_packaging}/copyright DESTINATION ${doc} COMPONENT ${component}
        EXCLUDE_FROM_ALL)
    install(CODE "
        execute_process(COMMAND gzip -9nc \"${nta_packaging}/changelog\"
            OUTPUT_FILE \"${folder}-changelog.gz\" COMMAND_ERROR_IS_FATAL ANY)"
        COMPONENT ${component} EXCLUDE_FROM_ALL)
    install(FILES ${folder}-changelog.gz RENAME changelog.gz DESTINATION ${doc}
        COMPONENT ${component} EXCLUDE_FROM_ALL)
    set(values
        PACKAGE_NAME nta-${component}
        DESCRIPTION "${summary}\n.\n${text}"
        PACKAGE_DEPENDS "${ARG_DEPENDS}"
        PACKAGE_RECOMMENDS "${ARG_RECOMMENDS}")
    if(ARG_ALL)
        list(APPEND values PACKAGE_ARCHITECTURE all PACKAGE_SECTION doc PACKAGE_SHLIBDEPS OFF)
    endif()
    if(ARG_SCRIPTS)
        list(TRANSFORM ARG_SCRIPTS PREPEND ${nta_packaging}/ OUTPUT_VARIABLE scripts)
        set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${scripts}" PARENT_SCOPE)
    endif()
    while(values)
        list(POP_FRONT values name value)
        set(CPACK_DEBIAN_${upper}_${name} "${value}" PARENT_SCOPE)
    endwhile()
    set(nta_packages ${nta_packages} ${component} PARENT_SCOPE)
endfunction()

# What is a configuration file, dpkg keeps as the admin wrote it.
install(FILES ${PROJECT_SOURCE_DIR}/conf/ntad.conf DESTINATION /etc/nta COMPONENT daemon
    EXCLUDE_FROM_ALL)

nta_package(daemon "The sensor."
    "Listens on a mirror port, names the site behind each connection, holds it
against lists of forbidden places, and keeps sealed records of who was where.
Records are signed and linked, so that what was changed or removed is seen.
.
This package has the daemon ntad, its units and its configuration."
    DEPENDS "nta-tools (= ${PROJECT_VERSION}), systemd"
    RECOMMENDS "ca-certificates, logrotate, nta-doc"
    SCRIPTS daemon/conffiles daemon/postinst daemon/prerm daemon/postrm)
nta_package(tools "The command that reads captures and records."
    "Finds out which user of a network downloaded what from a forbidden place, in
capture files and in the sealed records that ntad keeps: incidents, tables,
maps for Google Earth, pages to print, cases that prove themselves.
.
This package has the command nta."
    RECOMMENDS "libjs-leaflet, libjs-leaflet.markercluster, less")
nta_package(doc "Its documents."
    "How to run NTA, what it sees and does not see, how its records are stored and
proved, for admins, auditors and developers."
    ALL)

nta_package(exporter "The status of the sensor for Prometheus."
    "Asks ntad how it is and shows it on this machine, for Prometheus to collect; with
rules for alerts and a dashboard for Grafana.  No user and no site is in it."
    DEPENDS nta-daemon
    SCRIPTS exporter/postinst exporter/prerm exporter/postrm)
nta_package(notify "Mail and webhooks of its alerts."
    "Reads what the sensor logs and tells people: by mail, Slack, Teams, Matrix and
JSON webhooks, one message for each incident and window, who gets what by
severity, list and department.  By default no user and no site is in it."
    DEPENDS nta-daemon
    RECOMMENDS "ca-certificates"
    SCRIPTS notify/postinst notify/prerm notify/postrm)
nta_package(console "Its page for others, by roles."
    "Shows what the sensor recorded in a browser, live: sums and pseudonyms to viewers,
incidents to admins, all to auditors; who looked is recorded.  It is reached by a
Unix socket, from a web server that has TLS and knows who it is.
.
This package has the unit; the program is nta."
    DEPENDS "nta-daemon, nta-tools, libjs-leaflet, libjs-leaflet.markercluster"
    RECOMMENDS "nginx | httpd"
    SCRIPTS console/postinst console/prerm console/postrm)
if(TARGET nta-verify)
    install(FILES ${nta_packaging}/verify/lintian-overrides RENAME nta-verify
        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT verify EXCLUDE_FROM_ALL)
    nta_package(verify "The program that checks a case."
        "Checks a case that nta evidence made, against the sensor's key as it was noted on
paper: for whoever is shown one, and needs nothing else.  It stands alone.")
endif()

set(CPACK_COMPONENTS_ALL ${nta_packages})
include(CPack)
