#pragma once
#include <sqlite3.h>

/* SQLITE_TRANSIENT is a macro that Swift does not import: these copy what they bind. */
static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
  return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}
/* sqlite3_db_config has a variable argument list, which Swift does not call. */
static inline int csqlite_distrust(sqlite3 *database) {
  int done = sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, 0);
  return done ? done : sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, 0);
}
