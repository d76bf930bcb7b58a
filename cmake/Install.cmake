# SPDX-License-Identifier: Apache-2.0

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/scimd")

install(TARGETS scimd_static scimd_shared EXPORT scimd)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/"
	DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
if(TARGET scimd_program)
	install(TARGETS scimd_program)
endif()
if(EXISTS "${PROJECT_SOURCE_DIR}/docs/man")
	file(GLOB man8 CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.8")
	file(GLOB man5 CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.5")
	install(FILES ${man8} DESTINATION "${CMAKE_INSTALL_MANDIR}/man8")
	install(FILES ${man5} DESTINATION "${CMAKE_INSTALL_MANDIR}/man5")
endif()

install(EXPORT scimd NAMESPACE scimd:: FILE scimdTargets.cmake
	DESTINATION "${package_dir}")
configure_package_config_file(
	"${PROJECT_SOURCE_DIR}/cmake/scimdConfig.cmake.in"
	"${PROJECT_BINARY_DIR}/scimdConfig.cmake"
	INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(
	"${PROJECT_BINARY_DIR}/scimdConfigVersion.cmake"
	COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/scimdConfig.cmake"
	"${PROJECT_BINARY_DIR}/scimdConfigVersion.cmake"
	"${PROJECT_SOURCE_DIR}/cmake/Dependencies.cmake"
	DESTINATION "${package_dir}")

configure_file("${PROJECT_SOURCE_DIR}/cmake/scimd.pc.in"
	"${PROJECT_BINARY_DIR}/scimd.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/scimd.pc"
	DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
