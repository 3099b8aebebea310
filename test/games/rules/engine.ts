/** The pure engine on a night in memory, as the chaos judges by it too. */
export { publish, type Published } from '../../../scripts/verify/publish-night';
