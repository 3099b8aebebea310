/** `phase3 backup` and `phase3 restore-home`: the embedded home as one file. */
import { makeBackup } from '../../stack/backup/make-backup';
import type { BackupManifest } from '../../stack/backup/manifest';
import { restoreHome } from '../../stack/backup/restore-home';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson } from '../json';

export const addBackup: AddCommand = (root, context) => {
  root
    .command('backup')
    .argument('<FILE>', 'a new file outside the home, such as home.tar.gz')
    .description(
      "back up the home: the warehouse and Temporal's database, as of one moment; the stack must be down",
    )
    .option('--json', jsonHelp)
    .action(async (file: string, { json }: JsonOption) => {
      const backup = await makeBackup(context.stack.home, file, context.backupTools);
      const { archive, bytes, sha256, manifest, leftOut } = backup;
      for (const path of leftOut) context.say(`${path} is no plain file, and is left out`);
      if (json) printJson(context.print, { archive, bytes, sha256, ...manifest, leftOut });
      else {
        context.print(`${archive}: ${bytes} bytes, SHA-256 ${sha256}`);
        for (const line of linesOf(manifest)) context.print(line);
      }
    });
};

export const addRestoreHome: AddCommand = (root, context) => {
  root
    .command('restore-home')
    .argument('<FILE>', 'what `phase3 backup` made')
    .description('put a backup in place of the home, after all of it was checked; the stack must be down')
    .option('--replace', 'also where the home is not empty: what is there is moved aside, and stays', false)
    .option('--json', jsonHelp)
    .action(async (file: string, { json, replace }: JsonOption & { readonly replace: boolean }) => {
      const restored = await restoreHome(context.stack.home, file, replace, context.backupTools);
      const { archive, home, manifest, replaced } = restored;
      if (json) printJson(context.print, { archive, ...manifest, home, replaced });
      else {
        context.print(`${home} is as ${manifest.home} was on ${manifest.madeAt}, from ${archive}`);
        for (const line of linesOf(manifest)) context.print(line);
        if (replaced !== null)
          context.print(`What was here before is in ${replaced}. Remove it when nobody needs it.`);
        context.print('`phase3 up` starts it, and the runs that were open then go on.');
      }
    });
};

/** What is in a backup, for a person. */
function linesOf({ version, commit, files, tables }: BackupManifest): string[] {
  const rows = Object.values(tables ?? {}).reduce((sum, count) => sum + count, 0);
  return [
    `made by phase3 ${version}${commit === null ? '' : `, commit ${commit}`}`,
    ...files.map(({ path, bytes }) => `${path}: ${bytes} bytes`),
    ...(tables === null ? [] : [`${rows} rows in ${Object.keys(tables).length} tables`]),
  ];
}
