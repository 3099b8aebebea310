import { dnpReasonCategory } from '../../../src/processors/player-game-summary/dnp-reason';

describe('the category of a reason', () => {
  // Every reason of Memphis at Cleveland, 10 April 2024, as the gamebook spells it.
  it.each([
    ['Santi Aldama', 'NWT - Injury/Illness - Right Foot; Strain', 'injury'],
    ['Brandon Clarke', 'NWT - Injury/Illness - Right Hand; Contusion', 'injury'],
    ['Luke Kennard', 'NWT - Injury/Illness - Left Knee; Injury Recovery', 'injury'],
    ['Ziaire Williams', 'NWT - Injury/Illness - Right Low Back; Hip Strain', 'injury'],
    ['Marcus Morris Sr.', "DNP - Coach's Decision", 'coach_decision'],
    ['Tristan Thompson', "DNP - Coach's Decision", 'coach_decision'],
    ['Bane', 'Injury/Illness - Lumbar; Disc Bulge', 'injury'],
    ['Goodwin', 'G League - Two-Way', 'other'],
    ['Jackson Jr.', 'Injury/Illness - Right Quadriceps; Tendonitis', 'injury'],
    ['Konchar', 'Injury/Illness - Right Plantar; Fasciitis', 'injury'],
    ['Morant', 'Injury/Illness - Right Shoulder; Labral Repair', 'injury'],
    ['Rose', 'Injury/Illness - Right Groin; Low Back Injury Recovery', 'injury'],
    ['Smart', 'Injury/Illness - Right Ring Finger; Central Slip Tear', 'injury'],
    ['Watanabe', 'Personal', 'personal'],
    [
      'Williams Jr., whose reason swallowed the header of the other team',
      'Injury/Illness - Left Patellar; Tendonitis) Inactive: Cavaliers - Jerome (Injury/Illness - Right Ankle; Surgery',
      'injury',
    ],
    ['Merrill', 'Injury/Illness - Neck; Strain', 'injury'],
    ['Wade', 'Injury/Illness - Right Knee; Sprain', 'injury'],
    ['Jerome', 'Injury/Illness - Right Ankle; Surgery', 'injury'],
  ])('of %s: %s', (_who, reason, category) => {
    expect(dnpReasonCategory(reason)).toBe(category);
  });

  it.each([
    ['DND - Injury/Illness', 'injury'],
    ['Health and Safety Protocols', 'injury'],
    ['DND - Rest', 'rest'],
    ['Load Management', 'rest'],
    ['NWT - Return to Competition Recovery', 'rest'],
    ['Birth of a child', 'personal'],
    ['Player Suspended', 'coach_decision'],
    ['Not With Team', 'coach_decision'],
    ['Did Not Play', 'other'],
    ['Did Not Dress', 'other'],
    ['Inactive', 'other'],
    ['Trade Pending', 'other'],
  ])('%s is %s', (reason, category) => {
    expect(dnpReasonCategory(reason)).toBe(category);
  });

  it('reads a reason in any case', () => {
    expect(dnpReasonCategory("dnp - COACH'S DECISION")).toBe('coach_decision');
  });

  it('prefers the injury where a reason speaks of recovery too, and rest to a personal word', () => {
    expect(dnpReasonCategory('Left Knee; Injury Recovery')).toBe('injury');
    expect(dnpReasonCategory('Rest, personal')).toBe('rest');
    expect(dnpReasonCategory("Personal - Coach's Decision")).toBe('personal');
  });

  it('does not take the inside of a word for rest', () => {
    expect(dnpReasonCategory('Restricted list')).toBe('other');
  });

  it.each([[null], [''], ['  ']])('is undefined without a reason: %j', (reason) => {
    expect(dnpReasonCategory(reason)).toBeNull();
  });
});
