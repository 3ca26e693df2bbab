/** What PostgreSQL refuses, under the names that the reference's driver gives it. */

/** Names by SQLSTATE. */
export const sqlStateNames = {
  "21000": "CardinalityViolation",
  "22003": "NumericValueOutOfRange",
  "22007": "InvalidDatetimeFormat",
  "22008": "DatetimeFieldOverflow",
  "22012": "DivisionByZero",
  "22015": "IntervalFieldOverflow",
  "22021": "CharacterNotInRepertoire",
  "2201W": "InvalidRowCountInLimitClause",
  "2202H": "InvalidTablesampleArgument",
  "22P02": "InvalidTextRepresentation",
  "22P05": "UntranslatableCharacter",
  "23502": "NotNullViolation",
  "23503": "ForeignKeyViolation",
  "23505": "UniqueViolation",
  "23514": "CheckViolation",
  "42601": "SyntaxError",
  "54000": "ProgramLimitExceeded",
  "57014": "QueryCanceled",
} as const;

/** One of those names. */
export type SqlFaultName = (typeof sqlStateNames)[keyof typeof sqlStateNames];

const byState: ReadonlyMap<string, SqlFaultName> = new Map(Object.entries(sqlStateNames));
const names: ReadonlySet<string> = new Set(byState.values());

/** The name of a SQLSTATE, if it has one here. */
export function sqlFaultName(sqlState: unknown): SqlFaultName | undefined {
  return typeof sqlState === "string" ? byState.get(sqlState) : undefined;
}

/** Whether a name is one of those. */
export function isSqlFaultName(name: string): name is SqlFaultName {
  return names.has(name);
}
