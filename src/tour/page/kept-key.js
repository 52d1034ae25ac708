// The access key between two loads of the page: in this tab's session, where the console looks for it, too.

const PLACE = 'homing.access-key';

export const keptKey = () => sessionStorage.getItem(PLACE);

export const keepKey = (key) => sessionStorage.setItem(PLACE, key);

export const forgetKey = () => sessionStorage.removeItem(PLACE);
