export { startApi, type Api, type ApiFault, type ApiImage, type ApiOptions } from './api.js';
export { makeCertificate, type Certificate } from './certificate.js';
export {
  startDumpSite,
  type DownloadFault,
  type DumpSite,
  type DumpSiteOptions,
} from './dump-site.js';
