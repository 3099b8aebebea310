/** The environment of a child process that has settings of its own. */

/** This process's environment without what says which home, server and warehouse its user works with. */
export function ownEnvironment(settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|PHASE3_|OTEL_)/.test(name));
  return { ...Object.fromEntries(inherited), ...settings };
}
