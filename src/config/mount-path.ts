/** Below which path of its server the service is reached: empty for the root, `/homing` where an application has it mounted there. */
export class MountPath {
  constructor(readonly text: string = '') {}
}
