export { backOff, retryAfter, wait } from './delays.js';
export { NetworkError, statusError } from './failures.js';
export { request, type Exchange, type RequestOptions } from './request.js';
export { baseUrl, userAgent } from './address.js';
