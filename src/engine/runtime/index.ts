/** Running graphs: the only door to ONNX Runtime. */
export { type Device, DEVICES, installedDevices } from './devices';
export { foldConstants } from './fold-constants';
export { fitToDevice } from './limit-parts';
export { type Feeds, type Port, Session, type SessionOptions } from './session';
export { usableDevices, whyNotLoaded } from './unusable-device';
