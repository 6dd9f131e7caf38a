/** The guest's driver broke a rule of the virtio specification; the message is one clause that names what it did. */
export class DriverError extends Error {}
